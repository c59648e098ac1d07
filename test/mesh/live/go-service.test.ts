// A service in Go in the mesh: called through it and calling through it, with nothing but environment variables.
// Runs where the Go toolchain is, and where its modules can be had.
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { istio, PLATFORM } from '../../../mesh/rules/testing/manifests.ts';
import { LiveMesh } from './live-mesh.ts';

const run = promisify(execFile);
const SOURCE = fileURLToPath(new URL('../go-service', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'mesh-go-'));
const program = join(folder, 'service');
/** Why the test cannot run here, if it cannot. */
const missing = await run('go', ['build', '-o', program, '.'], { cwd: SOURCE, timeout: 110_000 }).then(
  () => undefined,
  (error: Error & { code?: unknown }) =>
    error.code === 'ENOENT'
      ? 'the Go toolchain is not here'
      : `go build: ${error.message.split('\n')[1] ?? error.message}`,
);

describe('a service in Go', { skip: missing ?? false }, () => {
  let live: LiveMesh;
  let service: ChildProcess;
  before(async () => {
    const allow = (name: string, caller: string): string =>
      istio(
        'AuthorizationPolicy',
        name,
        `selector: { matchLabels: { app: ${name} } }\nrules: [{ from: [{ source: { serviceAccounts: [${caller}] } }] }]`,
      );
    const strict = istio('PeerAuthentication', 'default', 'mtls: { mode: STRICT }', 'istio-system');
    live = await LiveMesh.start({
      manifests: [...PLATFORM, strict, allow('catalog', 'checkout'), allow('payment', 'catalog')],
      workloads: [{ service: 'checkout' }, { service: 'payment' }],
    });
    const { listen, proxyUrl } = await live.mesh.addWorkload({ service: 'catalog' });
    const { PATH, HOME } = process.env;
    service = spawn(program, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        PATH,
        HOME,
        LISTEN: listen?.slice('unix:'.length),
        HTTPS_PROXY: proxyUrl,
        TARGET: 'payment.shop.svc.cluster.local:50051',
      },
    });
    if (service.stdout !== null) await once(service.stdout, 'data');
  });
  after(async () => {
    service?.kill();
    await live?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('is called through its sidecar, and sees who calls', async () => {
    const { code, echo } = await live.client('checkout-v1', 'catalog.shop.svc.cluster.local:50051').call();
    assert.equal(code, 0);
    assert.equal(echo?.instance, 'go');
    assert.match(
      echo?.headers['x-forwarded-client-cert'] ?? '',
      /URI=spiffe:\/\/cluster\.local\/ns\/shop\/sa\/checkout$/,
    );
  });

  it('calls through its sidecar, as itself', async () => {
    const { code, body } = await live
      .client('checkout-v1', 'catalog.shop.svc.cluster.local:50051')
      .call({}, { headers: { 'x-call-on': 'yes' } });
    assert.equal(code, 0);
    const { onward } = JSON.parse(body?.toString() ?? '') as {
      onward: { instance: string; headers: Record<string, string> };
    };
    assert.equal(onward.instance, 'payment-v1');
    assert.match(
      onward.headers['x-forwarded-client-cert'] ?? '',
      /URI=spiffe:\/\/cluster\.local\/ns\/shop\/sa\/catalog$/,
    );
  });

  it('is refused what its identity may not do', async () => {
    const { code } = await live.client('checkout-v1').call();
    assert.equal(code, 7);
  });
});
