// The mesh on its own, as the launcher runs it: argv is `FOLDER linked|wire|edge`; says how it is reached, and the service's socket.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startMesh } from '../../mesh/index.ts';
import { istio, PLATFORM } from '../../mesh/rules/testing/manifests.ts';
import type { MeshReady } from './processes.ts';
import { reportUsage } from './report-usage.ts';

/** A service of HTTP/1.1 behind the ingress gateway. */
const WEB = [
  `
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { selector: { app: web }, ports: [{ name: http, port: 8080, targetPort: 8080, appProtocol: http }] }
`,
  istio(
    'Gateway',
    'edge',
    'selector: { istio: ingressgateway }\nservers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: ["*"] }]',
  ),
  istio(
    'VirtualService',
    'web',
    'hosts: ["*"]\ngateways: [edge]\nhttp:\n- timeout: 5s\n  retries: { attempts: 2, perTryTimeout: 2s, retryOn: "unavailable,reset" }\n  route: [{ destination: { host: web } }]',
  ),
  istio(
    'AuthorizationPolicy',
    'web',
    'selector: { matchLabels: { app: web } }\nrules: [{ from: [{ source: { namespaces: [istio-system] } }], to: [{ operation: { paths: [/bench.v1.Echo/Unary] } }] }]',
  ),
];

const [folder = '', between] = process.argv.slice(2);
const manifests = join(folder, 'manifests');
await mkdir(manifests, { recursive: true });
await writeFile(
  join(manifests, 'rules.yaml'),
  [
    ...PLATFORM,
    ...WEB,
    istio('PeerAuthentication', 'default', 'mtls: { mode: STRICT }', 'istio-system'),
    istio('AuthorizationPolicy', 'deny-all', '{}'),
    istio(
      'AuthorizationPolicy',
      'payment',
      'selector: { matchLabels: { app: payment } }\nrules: [{ from: [{ source: { principals: [cluster.local/ns/shop/sa/checkout] } }], to: [{ operation: { paths: [/bench.v1.Echo/Unary] } }] }]',
    ),
    istio(
      'VirtualService',
      'payment',
      'hosts: [payment]\nhttp:\n- match: [{ headers: { x-version: { exact: v2 } } }]\n  route: [{ destination: { host: payment, subset: v2 } }]\n- timeout: 5s\n  retries: { attempts: 2, perTryTimeout: 2s, retryOn: "unavailable,reset" }\n  route: [{ destination: { host: payment, subset: v1 } }]',
    ),
  ].join('\n---\n'),
);
const options = { manifests, namespace: 'shop', stateDir: join(folder, 'state'), linkSessions: between !== 'wire' };
async function start(): Promise<MeshReady> {
  if (between === 'edge') {
    const mesh = await startMesh({ ...options, ingress: {} });
    const { listen = '' } = await mesh.addWorkload({ service: 'web' });
    return { listen, edge: `127.0.0.1:${mesh.ingress?.port}` };
  }
  const mesh = await startMesh(options);
  const { proxyUrl } = await mesh.addWorkload({ service: 'checkout', inbound: false });
  const { listen = '' } = await mesh.addWorkload({ service: 'payment' });
  return { listen, proxyUrl };
}

const ready = await start();
reportUsage();
process.send?.(ready);
