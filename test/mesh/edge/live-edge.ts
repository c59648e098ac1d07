// A mesh with an ingress gateway and a web service of HTTP/1.1 in two versions behind it, and a client that writes octets.
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IngressOptions, MeshWorkload } from '../../../mesh/index.ts';
import { istio } from '../../../mesh/rules/testing/manifests.ts';
import { type RunningMesh, startMesh } from '../../../mesh/start-mesh.ts';
import { type HttpEcho, type HttpEchoService, startHttpEcho } from './http-echo.ts';

const deployment = (version: string): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web-${version}, namespace: shop }
spec:
  selector: { matchLabels: { app: web, version: ${version} } }
  template:
    metadata: { labels: { app: web, version: ${version} } }
    spec:
      serviceAccountName: web
      containers: [{ name: app, ports: [{ name: http, containerPort: 8080 }] }]
`;

/** Service, workloads, and rules as Fairlead's own gateway has them: STRICT, and nobody but the ingress may come in. */
export const WEB: readonly string[] = [
  `
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { selector: { app: web }, ports: [{ name: http, port: 8080, targetPort: http, appProtocol: http }] }
`,
  deployment('v1'),
  deployment('v2'),
  `
apiVersion: v1
kind: Service
metadata: { name: other, namespace: shop }
spec: { selector: { app: other }, ports: [{ name: grpc, port: 50051, appProtocol: grpc }] }
`,
  istio(
    'DestinationRule',
    'web',
    'host: web\nsubsets:\n- { name: v1, labels: { version: v1 } }\n- { name: v2, labels: { version: v2 } }',
  ),
  istio(
    'Gateway',
    'edge',
    'selector: { istio: ingressgateway }\nservers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: ["*"] }]',
  ),
  istio('PeerAuthentication', 'default', 'mtls: { mode: STRICT }', 'istio-system'),
];

export const ONLY_INGRESS = istio(
  'AuthorizationPolicy',
  'web',
  'rules: [{ from: [{ source: { namespaces: [istio-system] } }], to: [{ operation: { ports: ["8080"], notPaths: [/metrics] } }] }]',
);

/** A VirtualService of the edge. @param http - its routes, as YAML. */
export const edgeRoutes = (http: string, hosts = '"*"'): string =>
  istio('VirtualService', 'web', `hosts: [${hosts}]\ngateways: [edge]\nhttp:\n${http}`);

export const TO_V1 = '- route: [{ destination: { host: web, subset: v1 } }]';

export class LiveEdge {
  readonly mesh: RunningMesh;
  readonly services = new Map<string, HttpEchoService>();
  readonly workloads = new Map<string, MeshWorkload>();
  readonly #folder: string;

  private constructor(mesh: RunningMesh, folder: string) {
    this.mesh = mesh;
    this.#folder = folder;
  }

  static async start(
    rules: readonly string[],
    ingress: IngressOptions = {},
    otlpTracesUrl?: string,
  ): Promise<LiveEdge> {
    const folder = await mkdtemp(join(tmpdir(), 'edge-'));
    await mkdir(join(folder, 'manifests'));
    await writeFile(join(folder, 'manifests', 'rules.yaml'), rules.join('\n---\n'));
    const mesh = await startMesh({
      manifests: join(folder, 'manifests'),
      namespace: 'shop',
      stateDir: join(folder, 'state'),
      ingress,
      ...(otlpTracesUrl === undefined ? {} : { otlpTracesUrl }),
    });
    const edge = new LiveEdge(mesh, folder);
    for (const version of ['v1', 'v2']) {
      const workload = await mesh.addWorkload({ service: 'web', version });
      edge.workloads.set(workload.name, workload);
      edge.services.set(workload.name, await startHttpEcho(workload.name, workload.listen ?? ''));
    }
    const other = await mesh.addWorkload({ service: 'other', inbound: false });
    edge.workloads.set(other.name, other);
    return edge;
  }

  /** A service that was closed is there again. */
  async restart(name: string): Promise<void> {
    this.services.set(name, await startHttpEcho(name, this.workloads.get(name)?.listen ?? ''));
  }

  get port(): number {
    return this.mesh.ingress?.port ?? 0;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  service(name: string): HttpEchoService {
    const found = this.services.get(name);
    if (found === undefined) throw new Error(`no service ${name}`);
    return found;
  }

  /** New manifests, in force when this resolves. */
  async rules(...documents: readonly string[]): Promise<void> {
    await writeFile(join(this.#folder, 'manifests', 'rules.yaml'), documents.join('\n---\n'));
    await this.mesh.reload();
  }

  /** What the service saw of a request. */
  async echo(path = '/', init: RequestInit = {}): Promise<HttpEcho & { readonly response: Response }> {
    const response = await fetch(this.url + path, { redirect: 'manual', ...init });
    const text = await response.text();
    if (response.headers.get('x-instance') === null) throw new Error(`${response.status}: ${text}`);
    return { ...(JSON.parse(text) as HttpEcho), response };
  }

  async status(path = '/', init: RequestInit = {}): Promise<number> {
    const response = await fetch(this.url + path, { redirect: 'manual', ...init });
    await response.arrayBuffer();
    return response.status;
  }

  /** A plain connection to the ingress. */
  async connect(): Promise<Socket> {
    const socket = connect(this.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.on('error', () => {});
    return socket;
  }

  /** Sends octets as they are; gives what came back until the connection ended. */
  async raw(text: string): Promise<string> {
    const socket = await this.connect();
    socket.write(Buffer.from(text, 'latin1'));
    return await untilEnd(socket);
  }

  async close(): Promise<void> {
    for (const service of this.services.values()) await service.close();
    await this.mesh.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

export async function untilEnd(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('close', resolve));
  return text;
}
