import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { RpcError } from '#kit/errors/rpc-error.ts';
import { startGateway, type TestGateway } from './gateway.fixture.ts';

const orderId = '0190a0b0-0000-7000-8000-0000000000aa';
const watch = `/api/v2/orders/${orderId}:watch`;

let gateway: TestGateway;
/** What the stand-in's stream does next; each test sets its own. */
let watchOrder: (signal: AbortSignal, afterSequence: number) => AsyncGenerator<object>;
let produced = 0;

before(async () => {
  gateway = await startGateway({
    'order-query': { watchOrder: (request, context) => watchOrder(context.signal, request.afterSequence) },
    catalog: {
      async *streamProducts() {
        for (let index = 0; index < 100_000; index += 1) {
          produced = index;
          yield { product: { productId: orderId, name: 'x'.repeat(2000) } };
        }
      },
    },
  });
});
after(() => gateway.stop());

async function open(path: string, accept = 'text/event-stream'): Promise<Response> {
  return await fetch(gateway.url + path, { headers: { authorization: `Bearer ${await gateway.token()}`, accept } });
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

test('messages are server-sent events, one each', async () => {
  watchOrder = async function* () {
    yield { order: { orderId, status: 'ORDER_STATUS_IN_TRANSIT' } };
    yield { order: { orderId, status: 'ORDER_STATUS_DELIVERED' } };
  };
  const response = await open(watch);
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
  assert.equal(response.headers.get('cache-control'), 'no-store');
  const blocks = (await response.text()).trim().split('\n\n');
  assert.deepEqual(
    blocks.map((block) => JSON.parse(block.replace(/^id: .*\ndata: /, '')).order.status),
    ['ORDER_STATUS_IN_TRANSIT', 'ORDER_STATUS_DELIVERED'],
  );
});

test('a stream is taken up after the event that the client has seen last', async () => {
  watchOrder = async function* (_signal, afterSequence) {
    for (let sequence = afterSequence + 1; sequence <= 4; sequence += 1) yield { order: { orderId, sequence } };
  };
  const ids = (text: string): string[] => [...text.matchAll(/^id: (.*)$/gm)].map(([, id = '']) => id);
  assert.deepEqual(ids(await (await open(watch)).text()), ['1', '2', '3', '4']);
  const again = async (lastEventId: string, query = ''): Promise<Response> =>
    fetch(`${gateway.url}${watch}${query}`, {
      headers: { authorization: `Bearer ${await gateway.token()}`, 'last-event-id': lastEventId },
    });
  assert.deepEqual(ids(await (await again('2')).text()), ['3', '4']);
  assert.deepEqual(ids(await (await again('3', '?afterSequence=1')).text()), ['4']);
  assert.equal((await again('4')).status, 204);
  assert.equal((await again('no number')).status, 400);
});

test('messages are lines of JSON for who asks so', async () => {
  watchOrder = async function* () {
    yield { order: { orderId } };
    yield { order: { orderId } };
  };
  const response = await open(watch, 'application/x-ndjson');
  assert.match(response.headers.get('content-type') ?? '', /^application\/x-ndjson/);
  const lines = (await response.text()).trim().split('\n');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)),
    [{ order: { orderId } }, { order: { orderId } }],
  );
});

test('an error before the first message has its HTTP status', async () => {
  // biome-ignore lint/correctness/useYield: a stream that fails at once
  watchOrder = async function* () {
    throw new RpcError('NOT_FOUND', 'there is no such order');
  };
  const response = await open(watch);
  assert.equal(response.status, 404);
  assert.equal(((await response.json()) as { error: { status: string } }).error.status, 'NOT_FOUND');
});

test('a later error is said within the stream', async () => {
  watchOrder = async function* () {
    yield { order: { orderId } };
    throw new Error('a cause that nobody outside may see');
  };
  const text = await (await open(watch)).text();
  const [, error = ''] = text.trim().split('\n\n');
  assert.match(error, /^event: error\ndata: \{"error":\{"code":500,"status":"INTERNAL","message":"internal error"/);
  assert.doesNotMatch(text, /nobody outside/);
});

test('a client that goes away ends the call in the service', async () => {
  const ended = Promise.withResolvers<void>();
  watchOrder = async function* (signal) {
    signal.addEventListener('abort', () => ended.resolve());
    yield { order: { orderId } };
    await aborted(signal);
  };
  const controller = new AbortController();
  const headers = { authorization: `Bearer ${await gateway.token()}` };
  const response = await fetch(gateway.url + watch, { headers, signal: controller.signal });
  const reader = response.body?.getReader();
  await reader?.read();
  controller.abort();
  await ended.promise;
});

test('a client that does not read holds the service back', async () => {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  socket.pause();
  socket.write(
    `GET /api/v2/products:stream HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${await gateway.token()}\r\nconnection: close\r\n\r\n`,
  );
  let before = -1;
  // Nothing is read, so the stand-in comes to rest when the buffers on the way are full.
  while (produced === 0 || before !== produced) {
    before = produced;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  assert.ok(produced < 20_000, `${produced} of 100,000 messages were made for a reader that reads none`);
  socket.destroy();
});

test('a gateway that stops ends its streams with a word', async () => {
  const own = await startGateway({
    'order-query': {
      async *watchOrder(_request, context) {
        yield { order: { orderId } };
        await aborted(context.signal);
      },
    },
  });
  const headers = { authorization: `Bearer ${await own.token()}` };
  const response = await fetch(own.url + watch, { headers });
  const text = response.text();
  const stopped = own.stop();
  assert.match(await text, /event: error\ndata: \{"error":\{"code":503,"status":"UNAVAILABLE".*EDGE_DRAINING/);
  await stopped;
});
