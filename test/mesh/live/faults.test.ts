// Trouble under load: with retries on for idempotent methods, no call fails.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { istio, PLATFORM } from '../../../mesh/rules/testing/manifests.ts';
import type { EchoClient, Outcome } from './echo-client.ts';
import { startEcho } from './echo-service.ts';
import { LiveMesh } from './live-mesh.ts';

const STRICT = istio('PeerAuthentication', 'default', 'mtls: { mode: STRICT }', 'istio-system');
const RETRIES = '{ attempts: 4, retryOn: "unavailable,connect-failure,refused-stream,reset", backoff: 10ms }';
const route = (weight: number): string =>
  istio(
    'VirtualService',
    'payment',
    `hosts: [payment]\nhttp:\n- retries: ${RETRIES}\n  route:\n  - { destination: { host: payment, subset: v1 }, weight: ${100 - weight} }\n  - { destination: { host: payment, subset: v2 }, weight: ${weight} }`,
  );
const SPREAD = istio(
  'VirtualService',
  'payment',
  `hosts: [payment]\nhttp:\n- retries: ${RETRIES}\n  route: [{ destination: { host: payment } }]`,
);

let live: LiveMesh;
let client: EchoClient;
before(async () => {
  live = await LiveMesh.start({ manifests: [...PLATFORM, STRICT, SPREAD] });
  client = live.client('checkout-v1');
});
after(() => live.close());

/** Calls all the time while `trouble` happens; gives those that failed. */
async function under(trouble: () => Promise<void>): Promise<{ failed: Outcome[]; calls: number }> {
  let running = true;
  let calls = 0;
  const failed: Outcome[] = [];
  const workers = Array.from({ length: 8 }, async () => {
    while (running) {
      const outcome = await client.call();
      calls++;
      if (outcome.code !== 0) failed.push(outcome);
    }
  });
  await trouble();
  running = false;
  await Promise.all(workers);
  return { failed, calls };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('under load', () => {
  it('an instance that is killed and comes back costs no call', async () => {
    const { failed, calls } = await under(async () => {
      for (let round = 0; round < 3; round++) {
        live.service('payment-v2').kill();
        await pause(100);
        live.services.set('payment-v2', await startEcho('payment-v2', live.workload('payment-v2').listen ?? ''));
        await pause(100);
      }
    });
    assert.deepEqual(failed, [], `of ${calls} calls`);
  });

  it('weights that change all the time cost no call', async () => {
    await live.rules(...PLATFORM, STRICT, route(0));
    const seen = live.service('payment-v2').calls();
    const { failed } = await under(async () => {
      for (const weight of [10, 50, 100, 0, 25, 75]) {
        await live.rules(...PLATFORM, STRICT, route(weight));
        await pause(50);
      }
    });
    assert.deepEqual(failed, []);
    assert.ok(live.service('payment-v2').calls() > seen);
    await live.rules(...PLATFORM, STRICT, SPREAD);
  });

  it('certificates and roots that rotate cost no call, and old roots are forgotten', async () => {
    const before = live.mesh.sidecars.get('checkout-v1')?.identity.certificate.cert;
    const { failed } = await under(async () => {
      for (let round = 0; round < 3; round++) {
        await live.mesh.rotateCertificates({ root: round === 1 });
        await pause(60);
      }
      live.mesh.authority.forgetOldRoots();
      await live.mesh.rotateCertificates();
      await pause(60);
    });
    assert.deepEqual(failed, []);
    assert.notEqual(live.mesh.sidecars.get('checkout-v1')?.identity.certificate.cert, before);
    const opened = live.mesh.sidecars.get('payment-v1')?.inbound?.server.counters.connectionsOpened ?? 0;
    assert.ok(opened > 1, 'connections were made anew');
  });

  it('instances that come and go cost no call', async () => {
    const { failed } = await under(async () => {
      const { name } = await live.add({ service: 'payment', version: 'v1', name: 'extra' });
      await pause(60);
      live.mesh.setReady(name, false);
      live.mesh.setReady(name, true);
      await live.mesh.removeWorkload(name, 5000);
      await live.service(name).stop();
    });
    assert.deepEqual(failed, []);
  });
});
