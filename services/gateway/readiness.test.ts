// The gateway takes requests when what it calls serves, and goes on when a part of that fails later.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startGateway } from './gateway.fixture.ts';
import manifest from './manifest.ts';

async function readyz(...hosts: readonly string[]): Promise<string[]> {
  return Promise.all(
    hosts.map(async (host) => {
      const response = await fetch(`${host}/readyz`);
      return `${response.status} ${await response.text()}`;
    }),
  );
}

test('ready once all called services serve, then until it drains', { timeout: 60_000 }, async () => {
  const all = Object.fromEntries(Object.keys(manifest.calls).map((name) => [name, {}]));
  const gateway = await startGateway(all);
  const hosts = [gateway.url, `http://${gateway.running.adminAddress}`];
  while (!gateway.running.ready()) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.deepEqual(await readyz(...hosts), ['200 ok\n', '200 ok\n']);
  await gateway.stopService('catalog');
  assert.equal(
    (await gateway.send('GET', '/api/v2/health/grpc', { login: false })).json.services.catalog,
    'UNREACHABLE',
  );
  assert.deepEqual(await readyz(...hosts), ['200 ok\n', '200 ok\n']);
  await gateway.stop();
});

test('names the services that it waits for', { timeout: 60_000 }, async () => {
  const { catalog: _, ...others } = Object.fromEntries(Object.keys(manifest.calls).map((name) => [name, {}]));
  const gateway = await startGateway(others);
  const admin = `http://${gateway.running.adminAddress}`;
  let answer = '';
  while (answer !== '503 not ready: waiting for catalog\n') {
    [answer = ''] = await readyz(gateway.url);
    assert.match(answer, /^503 not ready: waiting for .*catalog/);
  }
  assert.deepEqual(await readyz(admin), [answer]);
  assert.equal(gateway.running.ready(), false);
  await gateway.stop();
});
