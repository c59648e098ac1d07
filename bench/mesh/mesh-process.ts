// The mesh on its own, as the launcher runs it: argv is `FOLDER linked|wire`; says the proxy URL and the service's socket.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startMesh } from '../../mesh/index.ts';
import { istio, PLATFORM } from '../../mesh/rules/testing/manifests.ts';
import { reportUsage } from './report-usage.ts';

const [folder = '', between] = process.argv.slice(2);
const manifests = join(folder, 'manifests');
await mkdir(manifests, { recursive: true });
await writeFile(
  join(manifests, 'rules.yaml'),
  [
    ...PLATFORM,
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
const linkSessions = between !== 'wire';
const mesh = await startMesh({ manifests, namespace: 'shop', stateDir: join(folder, 'state'), linkSessions });
const checkout = await mesh.addWorkload({ service: 'checkout', inbound: false });
const payment = await mesh.addWorkload({ service: 'payment' });
reportUsage();
process.send?.({ ready: true, proxyUrl: checkout.proxyUrl, listen: payment.listen });
