import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startGateway, type TestGateway } from './gateway.fixture.ts';

let gateway: TestGateway;

before(async () => {
  gateway = await startGateway(
    { 'order-query': { listUserOrders: async () => ({}) } },
    { GATEWAY_PRINCIPAL_REQUESTS: '3', GATEWAY_ADDRESS_REQUESTS: '12', GATEWAY_TRUSTED_PROXIES: '1' },
  );
});
after(() => gateway.stop());

test('a caller over its quota is told to wait, and others go on', async () => {
  const from = (address: string) => ({ 'x-forwarded-for': address });
  const list = (headers: Record<string, string>) => gateway.send('GET', '/api/v2/orders', { headers });
  const first = await list(from('192.0.2.1'));
  assert.equal(first.status, 200);
  assert.equal(first.headers.get('ratelimit-policy'), '"address";q=12;w=60, "principal";q=3;w=60');
  assert.match(first.headers.get('ratelimit') ?? '', /^"address";r=11;t=\d+, "principal";r=2;t=\d+$/);
  await list(from('192.0.2.1'));
  await list(from('192.0.2.2'));
  const over = await list(from('192.0.2.3'));
  assert.equal(over.status, 429);
  assert.ok(Number(over.headers.get('retry-after')) >= 1);
  assert.equal(over.json.error.status, 'RESOURCE_EXHAUSTED');
  const retry = over.json.error.details.find(({ '@type': type }: { '@type': string }) => type.endsWith('RetryInfo'));
  assert.match(retry.retryDelay, /^\d+(\.\d+)?s$/);
  const another = await gateway.token({ sub: '0190a0b0-0000-7000-8000-000000000002' });
  const other = { ...from('192.0.2.3'), authorization: `Bearer ${another}` };
  assert.equal((await list(other)).status, 200);
});

test('an address over its quota is refused before its credential is looked at', async () => {
  const headers = { 'x-forwarded-for': '192.0.2.9', authorization: 'Bearer forged' };
  const statuses: number[] = [];
  for (let round = 0; round < 14; round += 1) {
    statuses.push((await gateway.send('GET', '/api/v2/orders', { headers })).status);
  }
  assert.deepEqual(statuses, [...Array(12).fill(401), 429, 429]);
});

test('a client cannot choose its address', async () => {
  const spoofed = { 'x-forwarded-for': '203.0.113.7, 192.0.2.9' };
  assert.equal((await gateway.send('GET', '/api/v2/orders', { headers: spoofed })).status, 429);
});

test('probes count against no limit', async () => {
  for (let round = 0; round < 20; round += 1) {
    const { status } = await gateway.send('GET', '/healthz', {
      login: false,
      headers: { 'x-forwarded-for': '192.0.2.9' },
    });
    assert.equal(status, 200);
  }
});
