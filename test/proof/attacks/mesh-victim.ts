// The laptop mesh under attack, as a process of its own: `checkout` and `catalog` may call `payment`, which runs elsewhere.
// It says where everything is, and shows the certificate of one workload, as one that was broken into would.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { istio, PLATFORM } from '../../../mesh/rules/testing/manifests.ts';
import { answerLooks } from '../../transport/attacks/siege.ts';
import { startShopMesh } from '../shop-mesh.ts';
import { boundedCalls } from './bounded-calls.ts';

/** What the victim says of itself. */
export interface MeshAddress {
  /** `grpc_proxy` of the honest caller, and of the attacker. */
  readonly honest: string;
  readonly attacker: string;
  /** Port on which the sidecar of `payment` takes mTLS. */
  readonly inbound: number;
  /** Where `payment` has to listen. */
  readonly listen: string;
  /** The attacker's identity, in PEM. */
  readonly identity: { readonly cert: string; readonly key: string; readonly ca: readonly string[] };
}

const folder = await mkdtemp(join(tmpdir(), 'siege-'));
const callers = '[{ from: [{ source: { serviceAccounts: [checkout, catalog] } }] }]';
const manifests = [
  ...PLATFORM.filter((manifest) => !manifest.includes('kind: DestinationRule')),
  boundedCalls('payment'),
  istio('PeerAuthentication', 'default', 'mtls: { mode: STRICT }', 'istio-system'),
  istio('AuthorizationPolicy', 'payment', `selector: { matchLabels: { app: payment } }\nrules: ${callers}`),
];
const mesh = await startShopMesh(folder, manifests);
const honest = await mesh.addWorkload({ service: 'checkout', inbound: false });
const attacker = await mesh.addWorkload({ service: 'catalog', inbound: false });
const payment = await mesh.addWorkload({ service: 'payment' });
const { cert, key, ca } = await mesh.authority.issue(attacker.spiffeId);
const { inbound, listen = '' } = payment;
if (inbound === undefined || !('port' in inbound)) throw new Error('payment has no port');
const address: MeshAddress = {
  honest: honest.proxyUrl,
  attacker: attacker.proxyUrl,
  inbound: inbound.port,
  listen,
  identity: { cert, key, ca },
};
console.log(JSON.stringify(address));
answerLooks();
