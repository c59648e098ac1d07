// The whole platform as `npm start` runs it: the commerce story, then the same under a killed service and a killed
// database. Nothing that was acknowledged may be lost, and no order may be placed twice.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { childrenOf } from '../process-family.ts';
import { ApiClient } from './api-client.ts';
import { awaitStatus, browse, type Customer, commerceStory, order, register } from './commerce-story.ts';

const main = fileURLToPath(new URL('../../laptop/main.ts', import.meta.url));
const final = ['ORDER_STATUS_DELIVERED', 'ORDER_STATUS_FAILED', 'ORDER_STATUS_CANCELLED'];

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Places an order however often it takes: a caller that gets no answer repeats the same request id. */
async function insist(customer: Customer, productId: string, requestId: string): Promise<string> {
  for (let attempt = 0; attempt < 60; attempt++) {
    try {
      return (await order(customer, [{ productId, quantity: 1 }], 'tok_approve', requestId)).orderId;
    } catch (error) {
      // What the platform says of a lost service is UNAVAILABLE; anything else is an error of this test.
      assert.match(String(error), / 50[034]| 499|fetch failed|aborted|timeout/i);
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
  throw new Error(`the order ${requestId} was never acknowledged`);
}

describe('the platform on one machine', { timeout: 240_000 }, () => {
  const data = mkdtempSync(join(tmpdir(), 'fairlead platform '));
  let launcher: ChildProcess;
  let output = '';
  let api: ApiClient;

  /** Process id of a service, once it runs, found by what its process was started as. */
  const pidOf = async (name: string): Promise<number> => {
    for (let attempt = 0; attempt < 300; attempt++) {
      const service = childrenOf(launcher.pid).find(({ command }) => command.endsWith(`child.ts ${name}`));
      if (service !== undefined) return service.pid;
      // It was killed before, and the launcher waits before it starts it again.
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`${name} does not run:\n${output}`);
  };

  before(async () => {
    const port = await freePort();
    launcher = spawn(process.execPath, [main, '--port', String(port), '--data', data], {
      // Over the channel it learns that this process was killed, and ends.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, SHIPMENT_STEP: '300ms' },
    });
    const ready = Promise.withResolvers<void>();
    for (const stream of [launcher.stdout, launcher.stderr]) {
      if (stream === null) continue;
      createInterface(stream).on('line', (line) => {
        output += `${line}\n`;
        if (line.includes('Ready after')) ready.resolve();
      });
    }
    launcher.once('exit', () => ready.reject(new Error(`the platform did not start:\n${output}`)));
    await ready.promise;
    api = new ApiClient(`http://127.0.0.1:${port}`);
  });
  after(async () => {
    if (launcher.exitCode === null) {
      launcher.kill('SIGINT');
      const [code] = await once(launcher, 'exit');
      assert.equal(code, 0, output);
    }
    rmSync(data, { recursive: true, force: true });
  });

  it('carries the commerce story from registration to refund', async () => {
    await commerceStory(api);
  });

  it('is entered through the ingress gateway, under the rules of the edge', async () => {
    // The gateway's sidecar answers these, as in a cluster.
    const forged = await api.send('GET', '/api/v2/users/me', { headers: { authorization: 'Bearer a.b.c' } });
    assert.deepEqual([forged.status, forged.headers.get('content-type')], [401, 'text/plain']);
    assert.equal((await api.send('GET', '/metrics')).body, 'RBAC: access denied');
  });

  it('loses and doubles no order when the order service is killed again and again', async () => {
    const customer = await register(api);
    const [product] = await browse(api, 1);
    assert.ok(product);
    const requests = Array.from({ length: 24 }, () => randomUUID());
    const placing = Promise.all(requests.map((requestId) => insist(customer, product.productId, requestId)));
    for (let kill = 0; kill < 3; kill++) {
      await new Promise((resolve) => setTimeout(resolve, 400));
      process.kill(await pidOf('order'), 'SIGKILL');
      await new Promise((resolve) => setTimeout(resolve, 1500));
    }
    const orders = await placing;
    assert.equal(new Set(orders).size, requests.length, 'each request id has an order of its own');
    for (const orderId of orders) {
      const settled = await awaitStatus(customer, orderId, final);
      assert.equal(settled.status, 'ORDER_STATUS_DELIVERED');
    }
    const list = await customer.api.call<{ orders: unknown[] }>('GET', '/api/v2/orders?pageSize=100');
    assert.equal(list.orders.length, requests.length);
  });

  it('loses nothing that was acknowledged when PostgreSQL is killed under load, and says so meanwhile', async () => {
    const customer = await register(api);
    const [product] = await browse(api, 1);
    assert.ok(product);
    const requests = Array.from({ length: 16 }, () => randomUUID());
    const placing = Promise.all(requests.map((requestId) => insist(customer, product.productId, requestId)));
    const postmaster = Number(readFileSync(join(data, 'postgres', 'cluster', 'postmaster.pid'), 'utf8').split('\n')[0]);
    assert.ok(postmaster > 1);
    process.kill(postmaster, 'SIGQUIT');
    const orders = await placing;
    for (const orderId of orders) {
      assert.equal((await awaitStatus(customer, orderId, final)).status, 'ORDER_STATUS_DELIVERED');
    }
    await customer.api.call('GET', '/api/v2/users/me');
    assert.match(output, /postgres|PostgreSQL/);
  });
});
