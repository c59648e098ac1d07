// The laptop mesh's ingress gateway under attack, as a process of its own. What stands behind it runs elsewhere: Fairlead's
// gateway, a service of gRPC, and one of WebSockets and large answers.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { istio, service } from '../../../mesh/rules/testing/manifests.ts';
import { answerLooks } from '../../transport/attacks/siege.ts';
import { startShopMesh } from '../shop-mesh.ts';
import { boundedCalls } from './bounded-calls.ts';

/** Services behind the edge. */
export const behind = ['gateway', 'payment', 'web'] as const;

/** What the victim says of itself. */
export interface EdgeAddress {
  /** Where the edge takes HTTP/1.1 and HTTP/2. */
  readonly port: number;
  /** Where each service has to listen. */
  readonly listen: Readonly<Record<(typeof behind)[number], string>>;
}

const web = (name: string): string => `
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop }
spec: { selector: { app: ${name} }, ports: [{ name: http, port: 8080, targetPort: 8080, appProtocol: http }] }
`;
const routes = `
hosts: ["*"]
gateways: [edge]
http:
- match: [{ uri: { prefix: /fixtures.echo. } }]
  route: [{ destination: { host: payment } }]
- match: [{ uri: { exact: /socket } }, { uri: { exact: /large } }]
  route: [{ destination: { host: web } }]
- route: [{ destination: { host: gateway } }]
`;
const folder = await mkdtemp(join(tmpdir(), 'siege-'));
const manifests = [
  service('payment'),
  web('gateway'),
  web('web'),
  ...behind.map(boundedCalls),
  istio(
    'Gateway',
    'edge',
    'selector: { istio: ingressgateway }\nservers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: ["*"] }]',
  ),
  istio('VirtualService', 'edge', routes),
  istio('PeerAuthentication', 'default', 'mtls: { mode: STRICT }', 'istio-system'),
];
const mesh = await startShopMesh(folder, manifests, {});
const listen: Record<string, string> = {};
for (const name of behind) listen[name] = (await mesh.addWorkload({ service: name })).listen ?? '';
const address: EdgeAddress = { port: mesh.ingress?.port ?? 0, listen: listen as EdgeAddress['listen'] };
console.log(JSON.stringify(address));
answerLooks();
