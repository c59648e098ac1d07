// A proxy of raw streams between a client and a server: fields, octets, trailers, resets and backpressure pass.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type Client,
  type ClientCall,
  connect,
  createServer,
  ErrorCode,
  Forward,
  type Http2Stream,
  headerValue,
  type ServerCall,
  Status,
  type StreamHandler,
} from '../index.ts';

const backend = createServer({ maxConcurrentStreams: 1_000 });
const proxy = createServer();
const IGNORE: StreamHandler = {
  onHeaders() {},
  onData() {},
  onTrailers() {},
  onReset() {},
  onDrain() {},
  onStalled() {},
};
let upstream: Client;
let client: Client;
const seen: string[][] = [];
let begun: ServerCall | undefined;
let cancelled = 0;
let tries = 0;

before(async () => {
  backend.handle('/t.T/Echo', {
    requestStream: false,
    onMessage: (call, message) => call.reply(message, ['x-seen', call.header('x-added') ?? '']),
  });
  backend.handle('/t.T/Reset', { requestStream: false, onMessage: (call) => call.reset(ErrorCode.ENHANCE_YOUR_CALM) });
  backend.handle('/t.T/Second', {
    requestStream: false,
    onMessage(call, message) {
      if (++tries < 2) call.finish(Status.UNAVAILABLE, 'not yet');
      else call.reply(message);
    },
  });
  backend.handle('/t.T/Early', {
    requestStream: true,
    onCall: (call) => call.pull(),
    onMessage: (call) => call.reply(Buffer.alloc(500_000)),
  });
  backend.handle('/t.T/Hold', {
    requestStream: true,
    onCall(call) {
      begun = call;
    },
    onMessage() {},
    onCancel() {
      cancelled++;
    },
  });
  backend.handle('/t.T/Flood', {
    requestStream: false,
    onMessage(call) {
      begun = call;
      this.onDrain?.(call);
    },
    onDrain(call) {
      for (;;) if (!call.sendMessage(Buffer.alloc(10_000))) return;
    },
  });
  const { port } = await backend.listen({ host: '127.0.0.1', port: 0 });
  upstream = connect({ target: `127.0.0.1:${port}` });
  proxy.raw((stream, headers, endStream) => {
    seen.push([...headers]);
    stream.handler = IGNORE;
    const kept: Buffer[] = [];
    let ended = endStream;
    const attempt = (last: boolean): void =>
      upstream.dispatch({
        waiting: false,
        options: {},
        attach(connection) {
          const to: Http2Stream = connection.open(IGNORE);
          new Forward(stream, to, {
            onRequestData(bytes, start, end, finished) {
              if (!last) kept.push(bytes.subarray(start, end));
              ended = finished;
            },
            onResponse(response) {
              if (last || headerValue(response, 'grpc-status') !== '14') return response;
              attempt(true);
              return undefined;
            },
          });
          to.sendHeaders([...headers, 'x-added', 'by-proxy'], endStream, stream.neverIndexed);
          if (last) for (const [index, part] of kept.entries()) to.sendData(part, ended && index === kept.length - 1);
        },
        fail: () => stream.sendHeaders([':status', '503'], true),
      });
    attempt(!headers.includes('/t.T/Second'));
    return true;
  });
  const front = await proxy.listen({ host: '127.0.0.1', port: 0 });
  client = connect({ target: `127.0.0.1:${front.port}`, authority: 'payment.example:50051' });
  // Data must not reach the proxy before its stream is joined to an upstream one.
  await upstream.ready(5_000);
});

after(() => {
  client.close();
  upstream.close();
  proxy.close();
  backend.close();
});

test('fields keep their order and authority, and trailers arrive', async () => {
  const ended = await new Promise<ClientCall>((resolve) => {
    const options = { metadata: ['x-b', '1', 'x-a', '2', 'authorization', 'Bearer t'] };
    client.unary('/t.T/Echo', Buffer.from('m'), options, { onEnd: resolve });
  });
  assert.equal(ended.reply?.toString(), 'm');
  assert.deepEqual(ended.trailers.slice(-2), ['x-seen', 'by-proxy']);
  assert.deepEqual(seen[0]?.slice(0, 8), [
    ...[':method', 'POST', ':scheme', 'http', ':path', '/t.T/Echo', ':authority', 'payment.example:50051'],
  ]);
  assert.deepEqual(seen[0]?.slice(-6), ['x-b', '1', 'x-a', '2', 'authorization', 'Bearer t']);
});

test('a large message passes whole', async () => {
  const message = Buffer.alloc(3_000_000, 'xyz');
  assert.deepEqual(await client.call('/t.T/Echo', message), message);
});

test('a reset with its code passes to the client', async () => {
  const ended = await new Promise<ClientCall>((resolve) => {
    client.unary('/t.T/Reset', Buffer.from('m'), undefined, { onEnd: resolve });
  });
  assert.equal(ended.code, Status.RESOURCE_EXHAUSTED);
});

test('an answer before the end of the request arrives whole, and the rest of the request is stopped', async () => {
  const ended = await new Promise<ClientCall>((resolve) => {
    const call = client.clientStream('/t.T/Early', undefined, {
      onDrain: (self) => self.sendMessage(Buffer.alloc(100_000)),
      onEnd: resolve,
    });
    call.sendMessage(Buffer.alloc(100_000));
  });
  assert.deepEqual([ended.code, ended.reply?.length], [Status.OK, 500_000]);
  while (proxy.counters.streams > 0 || backend.counters.streams > 0)
    await new Promise((resolve) => setImmediate(resolve));
});

test('a proxy can retry: the first answer is dropped, the kept request is sent again', async () => {
  tries = 0;
  const message = Buffer.alloc(50_000, 'r');
  assert.deepEqual(await client.call('/t.T/Second', message), message);
  assert.equal(tries, 2);
});

test('a cancellation passes to the backend', async () => {
  const call = client.bidiStream('/t.T/Hold', undefined, { onEnd() {} });
  call.sendMessage(Buffer.from('x'));
  while (begun?.path !== '/t.T/Hold') await new Promise((resolve) => setImmediate(resolve));
  call.cancel();
  while (cancelled === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(cancelled, 1);
});

test('a reader that stops stops the backend, with bounded memory between', async () => {
  const call = client.serverStream('/t.T/Flood', Buffer.alloc(0), undefined, { onMessage() {}, onEnd() {} });
  while (begun?.path !== '/t.T/Flood' || !begun.stream.needDrain) await new Promise((resolve) => setImmediate(resolve));
  let before = -1;
  while (before !== upstream.counters.bytesReceived) {
    before = upstream.counters.bytesReceived;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  // Two windows and two send buffers lie on the way.
  assert.ok(backend.counters.messagesSent * 10_000 < 6_000_000, `${backend.counters.messagesSent} messages sent`);
  call.pull(500);
  const sent = backend.counters.messagesSent;
  while (backend.counters.messagesSent < sent + 300) await new Promise((resolve) => setImmediate(resolve));
  call.cancel();
});
