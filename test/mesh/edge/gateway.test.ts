// Fairlead's own gateway behind the ingress gateway, under the manifests that are deployed: who is counted, who is let in.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type RunningMesh, startMesh } from '../../../mesh/index.ts';
import { startGateway, type TestGateway } from '../../../services/gateway/gateway.fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'gateway-'));
const socket = join(folder, 'gateway.sock');
let gateway: TestGateway;
let mesh: RunningMesh;
before(async () => {
  gateway = await startGateway(
    { 'order-query': { listUserOrders: async () => ({}) } },
    {
      GATEWAY_LISTEN: `unix:${socket}`,
      GATEWAY_TRUSTED_PROXIES: '1',
      GATEWAY_PRINCIPAL_REQUESTS: '4',
      GATEWAY_ADDRESS_REQUESTS: '8',
    },
  );
  mesh = await startMesh({
    manifests: fileURLToPath(new URL('../../../infra', import.meta.url)),
    namespace: 'fairlead',
    stateDir: join(folder, 'mesh'),
    ingress: {},
    addresses: { 'user.fairlead.svc.cluster.local:9090': gateway.keysAt },
  });
  await mesh.addWorkload({ service: 'gateway', inbound: socket });
});
after(async () => {
  await mesh.close();
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

const ask = async (headers: Record<string, string> = {}, path = '/api/v2/orders'): Promise<Response> =>
  await fetch(`http://127.0.0.1:${mesh.ingress?.port}${path}`, { headers });

it('lets in a user whose token is good, with the request id of the edge', async () => {
  const authorization = `Bearer ${await gateway.token()}`;
  // The keys of tokens are fetched in the background.
  const headers = { authorization };
  let response = await ask(headers);
  for (let round = 0; response.status === 401 && round < 100; round++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    response = await ask(headers);
  }
  assert.equal(response.status, 200);
  assert.match(response.headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/);
});

it('refuses a forged token before the gateway has seen it', async () => {
  const wrong = await gateway.issuerWith({ issuer: 'https://elsewhere.example/' });
  const { token } = await wrong.issue({ sub: 'ann', roles: [] }, '1m');
  const response = await ask({ authorization: `Bearer ${token}` });
  assert.deepEqual([response.status, response.headers.get('ratelimit')], [401, null]);
  // What the gateway itself refuses, it logs.
  assert.deepEqual(
    gateway.lines.filter((line) => line.includes('"status":401')),
    [],
  );
});

it('counts a client by the address that the edge sees, whatever it says of itself', async () => {
  const statuses: number[] = [];
  for (let round = 0; round < 10; round++)
    statuses.push((await ask({ 'x-forwarded-for': `203.0.113.${round}` }, '/api/v2/health/grpc')).status);
  assert.ok(statuses.includes(429), `ten invented addresses, one client: ${statuses}`);
});
