import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { main } from '../../../mesh/cli/main.ts';
import { istio, PLATFORM } from '../../../mesh/rules/testing/manifests.ts';
import type { EchoClient } from './echo-client.ts';
import { LiveMesh } from './live-mesh.ts';

const ROUTE = istio(
  'VirtualService',
  'payment',
  'hosts: [payment]\nhttp:\n- retries: { attempts: 0 }\n  route:\n  - { destination: { host: payment, subset: v1 }, weight: 100 }\n  - { destination: { host: payment, subset: v2 }, weight: 0 }',
);

let live: LiveMesh;
let client: EchoClient;
before(async () => {
  live = await LiveMesh.start({ manifests: [...PLATFORM, ROUTE] });
  client = live.client('checkout-v1');
});
after(() => live.close());

async function mesh(...words: string[]): Promise<{ code: number; text: string; errors: string }> {
  const lines: string[] = [];
  const errors: string[] = [];
  const output = {
    line: (text = '') => void lines.push(text),
    json: (value: unknown) => void lines.push(JSON.stringify(value)),
    error: (text: string) => void errors.push(text),
  };
  const code = await main([...words, '--state', live.mesh.stateDir], output);
  return { code, text: lines.join('\n'), errors: errors.join('\n') };
}

const instances = async (count = 20): Promise<string[]> =>
  [...new Set((await client.many(count, 4)).map((each) => each.echo?.instance ?? `failed ${each.code}`))].sort();

describe('a running mesh, by command', () => {
  it('set moves traffic, reset moves it back', async () => {
    assert.deepEqual(await instances(), ['payment-v1']);
    const { text, code } = await mesh('set', 'payment', 'canary.weight=100');
    assert.equal(code, 0);
    assert.match(text, /live: payment canary\.weight=100/);
    assert.deepEqual(await instances(), ['payment-v2']);
    await mesh('set', 'payment', 'weight.v1=100');
    await mesh('reset');
    assert.deepEqual(await instances(), ['payment-v1']);
  });
  it('set refuses what makes no valid rule, and says why', async () => {
    assert.match((await mesh('set', 'payment', 'canary.weight=200')).errors, /from 0 to 100/);
    assert.match((await mesh('set', 'payment', 'timeout=soon')).errors, /spec\.http\[0\]\.timeout: must be a duration/);
    assert.match((await mesh('set', 'paymnt', 'timeout=1s')).errors, /no service named "paymnt"/);
    assert.match((await mesh('set', 'payment', 'colour=red')).errors, /unknown setting colour/);
    assert.deepEqual(await instances(), ['payment-v1']);
  });
  it('fault fails one method, or a service that has no rule of its own', async () => {
    await mesh('fault', 'payment', '--abort', 'RESOURCE_EXHAUSTED', '--method', 'test.v1.Echo/Other');
    assert.equal((await client.call({}, { method: 'Other' })).code, 8);
    assert.equal((await client.call()).code, 0);
    await mesh('fault', 'catalog', '--abort', 'ABORTED');
    assert.equal((await live.client('checkout-v1', 'catalog.shop.svc.cluster.local:50051').call()).code, 10);
    await mesh('reset');
    assert.equal((await client.call({}, { method: 'Other' })).code, 0);
  });
  it('eject takes an instance out, and reset takes it back', async () => {
    const { text } = await mesh('eject', 'payment-v1');
    assert.match(text, /payment-v1 +ejected by hand/);
    assert.equal((await client.call()).code, 14);
    await mesh('reset');
    assert.equal((await client.call()).code, 0);
    assert.match((await mesh('eject', 'nobody')).errors, /Known: checkout-v1/);
  });
  it('status gives JSON, and says when the files are refused', async () => {
    const status = JSON.parse((await mesh('status', '--json')).text);
    assert.equal(status.workloads.length, 4);
    assert.equal(status.workloads[0].identity, 'spiffe://cluster.local/ns/shop/sa/checkout');
    await writeFile(live.manifest, 'kind: [');
    await live.mesh.reload();
    assert.match((await mesh('status')).text, /refused:\n {2}.*rules\.yaml:1/);
    await live.rules(...PLATFORM, ROUTE);
  });
  it('a file that changes is in force without a command', async () => {
    await writeFile(
      live.manifest,
      [
        ...PLATFORM,
        ROUTE.replace('weight: 100', 'weight: 0').replace('subset: v2 }, weight: 0', 'subset: v2 }, weight: 100'),
      ].join('\n---\n'),
    );
    const end = performance.now() + 10_000;
    while ((await client.call()).echo?.instance !== 'payment-v2') assert.ok(performance.now() < end);
  });
  it('rotate renews certificates', async () => {
    const expires = JSON.parse((await mesh('status', '--json')).text).workloads[0].certificateExpires;
    await mesh('rotate', '--root');
    assert.equal((await client.call()).code, 0);
    assert.notEqual(JSON.parse((await mesh('status', '--json')).text).workloads[0].certificateExpires, expires);
  });
});

describe('no running mesh', () => {
  it('is said, with how to start one', async () => {
    const errors: string[] = [];
    const code = await main(['status', '--state', '/nonexistent'], {
      line: () => {},
      json: () => {},
      error: (text) => void errors.push(text),
    });
    assert.equal(code, 1);
    assert.match(errors.join(), /No mesh runs .*"npm start"/);
  });
});
