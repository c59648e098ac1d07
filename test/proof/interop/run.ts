// The fourteen interoperability cases on the kit, in four pairings: the kit with itself, grpc-go's client, grpc-go's server, and
// grpc-go's server through the laptop mesh with its mTLS. On the transport that FAIRLEAD_TRANSPORT names.
// Usage: node test/proof/interop/run.ts [--help]
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChannelOptions } from '#kit/client/client-transport.ts';
import { transportUnderTest } from '#kit/testing/transport-under-test.ts';
import { istio, PLATFORM } from '../../../mesh/rules/testing/manifests.ts';
import { Pairings } from '../../transport/interop/pairings.ts';
import { need } from '../../transport/tools.ts';
import { startShopMesh } from '../shop-mesh.ts';
import { tally } from '../tally.ts';
import { kitCaller } from './kit-caller.ts';
import { serveInterop } from './service.ts';

if (process.argv.includes('--help')) {
  console.log(
    'node test/proof/interop/run.ts   fourteen cases in four pairings of the kit; FAIRLEAD_TRANSPORT=grpc-js too',
  );
  process.exit(0);
}
const [goClient, goServer] = [need('interop client'), need('interop server')];
// grpc-go's server has no gzip, and grpc-js declares it before it could know.
const plain: Partial<ChannelOptions> = transportUnderTest === 'grpc-js' ? { compression: false } : {};
const pairings = new Pairings();

async function kit(pairing: string, target: string, options?: Partial<ChannelOptions>): Promise<void> {
  const { call, close } = kitCaller(target, options);
  await pairings.ours(pairing, call);
  close();
}

const { port, server } = await serveInterop();
await kit('kit client, kit server', `127.0.0.1:${port}`);
await pairings.theirs('grpc-go client, kit server', (name) => [
  goClient,
  ...['-server_host', '127.0.0.1', '-server_port', String(port), '-test_case', name],
]);
await server.drain();

const folder = await mkdtemp(join(tmpdir(), 'interop-'));
await pairings.against(
  (free) => [goServer, '-port', String(free)],
  async (free) => {
    await kit('kit client, grpc-go server', `127.0.0.1:${free}`, plain);
    const rules =
      'selector: { matchLabels: { app: catalog } }\nrules: [{ from: [{ source: { serviceAccounts: [checkout] } }] }]';
    const manifests = [
      ...PLATFORM,
      istio('PeerAuthentication', 'default', 'mtls: { mode: STRICT }', 'istio-system'),
      istio('AuthorizationPolicy', 'catalog', rules),
    ];
    const mesh = await startShopMesh(folder, manifests);
    const { proxyUrl } = await mesh.addWorkload({ service: 'checkout', inbound: false });
    await mesh.addWorkload({ service: 'catalog', inbound: `127.0.0.1:${free}` });
    // grpc-js has no other way to be told of its proxy.
    process.env.grpc_proxy = proxyUrl;
    await kit('kit client, laptop mesh, grpc-go server', 'catalog.shop.svc.cluster.local:50051', {
      ...plain,
      proxy: true,
      proxyUrl,
    });
    await mesh.close();
  },
);
await rm(folder, { recursive: true });
tally(pairings.passed, pairings.total);
process.exit(pairings.passed === 56 && pairings.total === 56 ? 0 : 1);
