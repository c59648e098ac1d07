// Where the ingress gateway answers: its load balancer's address, or a node's address and the node port.
import { run } from '../access/command.ts';

interface IngressService {
  readonly spec: { readonly ports: readonly { readonly port: number; readonly nodePort?: number }[] };
  readonly status: {
    readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[] };
  };
}
interface Nodes {
  readonly items: readonly {
    readonly status: { readonly addresses: readonly { readonly type: string; readonly address: string }[] };
  }[];
}

/** URL of the ingress gateway; FAIRLEAD_INGRESS_URL says it outright. @throws Error when it cannot be found out */
export async function ingressUrl(): Promise<string> {
  const given = process.env.FAIRLEAD_INGRESS_URL;
  if (given !== undefined && given !== '') return given;
  const service = JSON.parse(
    await run('kubectl', ['--namespace', 'istio-system', 'get', 'service', 'istio-ingressgateway', '--output', 'json']),
  ) as IngressService;
  const balancer = service.status.loadBalancer?.ingress?.[0];
  const host = balancer?.ip ?? balancer?.hostname;
  if (host !== undefined) return `http://${host}`;
  const nodePort = service.spec.ports.find((port) => port.port === 80)?.nodePort;
  const nodes = JSON.parse(await run('kubectl', ['get', 'nodes', '--output', 'json'])) as Nodes;
  const node = nodes.items[0]?.status.addresses.find((each) => each.type === 'InternalIP')?.address;
  if (node === undefined || nodePort === undefined) {
    throw new Error('the ingress gateway has neither a load balancer nor a node port; set FAIRLEAD_INGRESS_URL');
  }
  return `http://${node}:${nodePort}`;
}
