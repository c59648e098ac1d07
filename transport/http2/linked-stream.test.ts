// Calls over a connection whose two ends are linked: everything that holds on a wire holds without one.
import assert from 'node:assert/strict';
import { type Duplex, duplexPair } from 'node:stream';
import { afterEach, test } from 'node:test';
import {
  type Client,
  type ClientCall,
  connect,
  createServer,
  ErrorCode,
  type Http2Connection,
  type Http2Stream,
  type Server,
  type ServerCall,
  Status,
  type StreamHandler,
} from '../index.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

interface Linked {
  readonly server: Server;
  readonly client: Client;
  /** Octets that went over the wire between the two. */
  readonly wire: () => number;
  readonly ends: () => { readonly client: Http2Connection; readonly server: Http2Connection };
}

function linked(): Linked {
  const server = createServer();
  let clientEnd: Http2Connection | undefined;
  let serverEnd: Http2Connection | undefined;
  let octets = 0;
  const client = connect({
    target: (): Duplex => {
      const [near, far] = duplexPair();
      far.on('data', (chunk: Buffer) => {
        octets += chunk.length;
      });
      serverEnd = server.serve(far);
      return near;
    },
    maxConnections: 1,
    onReady(connection) {
      clientEnd = connection;
      if (serverEnd !== undefined) connection.link(serverEnd);
    },
  });
  closers.push(
    () => client.close(),
    () => server.close(),
  );
  const ends = (): { client: Http2Connection; server: Http2Connection } => {
    assert.ok(clientEnd !== undefined && serverEnd !== undefined);
    return { client: clientEnd, server: serverEnd };
  };
  return { server, client, wire: () => octets, ends };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await turn();
};
const idle = ({ server, client }: Linked): Promise<void> =>
  until(() => server.counters.streams + client.counters.streams === 0);
const QUIET: StreamHandler = {
  onHeaders() {},
  onData() {},
  onTrailers() {},
  onReset() {},
  onDrain() {},
  onStalled() {},
};

test('a call, its metadata and its trailers pass, and no octet of them touches the wire', async () => {
  const pair = linked();
  pair.server.handle('/t.T/Echo', {
    requestStream: false,
    onMessage: (call, message) => call.reply(message, ['x-seen', call.header('x-sent') ?? '']),
  });
  await pair.client.ready(5000);
  await turn();
  const before = pair.wire();
  const message = Buffer.alloc(1_000_000, 'abc');
  const ended = await new Promise<ClientCall>((resolve) => {
    pair.client.unary('/t.T/Echo', message, { metadata: ['x-sent', 'yes'] }, { onEnd: resolve });
  });
  assert.deepEqual([ended.code, ended.reply?.equals(message)], [Status.OK, true]);
  assert.deepEqual(ended.trailers.slice(-2), ['x-seen', 'yes']);
  assert.equal(pair.wire(), before);
  assert.ok(pair.server.counters.bytesReceived > 1_000_000);
  await idle(pair);
});

test('an answer given inside the request does not overtake the caller', async () => {
  const pair = linked();
  pair.server.raw((stream) => {
    stream.handler = QUIET;
    stream.sendHeaders([':status', '200', 'grpc-status', '7'], true);
    return true;
  });
  await pair.client.ready(5000);
  const order: string[] = [];
  const stream = pair.ends().client.open({ ...QUIET, onHeaders: () => order.push('answer') });
  stream.sendHeaders([':method', 'POST', ':scheme', 'http', ':path', '/'], false);
  order.push('sent');
  stream.sendData(Buffer.from('x'), true);
  await turn();
  assert.deepEqual(order, ['sent', 'answer']);
  await idle(pair);
});

test('a slow reader stops the writer, and its credit starts it again', async () => {
  const pair = linked();
  let call: ServerCall | undefined;
  pair.server.handle('/t.T/Flood', {
    requestStream: false,
    onMessage(begun) {
      call = begun;
      this.onDrain?.(begun);
    },
    onDrain(begun) {
      for (;;) if (!begun.sendMessage(Buffer.alloc(10_000))) return;
    },
  });
  let received = 0;
  const reader = pair.client.serverStream('/t.T/Flood', Buffer.alloc(0), undefined, {
    onMessage() {
      received++;
    },
    onEnd() {},
  });
  await until(() => call?.stream.needDrain === true);
  for (let i = 0; i < 20; i++) await turn();
  const sent = pair.server.counters.messagesSent;
  const { streamWindow } = pair.ends().client.limits;
  assert.ok(sent * 10_000 < streamWindow + 20_000, `${sent} messages without a reader`);
  reader.pull(200);
  await until(() => received === 200);
  reader.cancel();
  await idle(pair);
});

test('cancellations and resets pass with their code', async () => {
  const pair = linked();
  let cancelled = 0;
  let begun: ServerCall | undefined;
  pair.server.handle('/t.T/Hold', {
    requestStream: true,
    onCall(call) {
      begun = call;
    },
    onMessage() {},
    onCancel() {
      cancelled++;
    },
  });
  pair.server.handle('/t.T/Reset', {
    requestStream: false,
    onMessage: (call) => call.reset(ErrorCode.ENHANCE_YOUR_CALM),
  });
  const call = pair.client.bidiStream('/t.T/Hold', undefined, { onEnd() {} });
  call.sendMessage(Buffer.from('x'));
  await until(() => begun !== undefined);
  call.cancel();
  await until(() => cancelled === 1);
  const ended = await new Promise<ClientCall>((resolve) => {
    pair.client.unary('/t.T/Reset', Buffer.from('m'), undefined, { onEnd: resolve });
  });
  assert.equal(ended.code, Status.RESOURCE_EXHAUSTED);
  await idle(pair);
});

test('a server that drains ends what runs, and refuses what its GOAWAY crosses so that it can be tried elsewhere', async () => {
  const pair = linked();
  let call: ServerCall | undefined;
  pair.server.handle('/t.T/Wait', {
    requestStream: false,
    onMessage(begun) {
      call = begun;
    },
  });
  const reply = pair.client.call('/t.T/Wait', Buffer.from('m'));
  await until(() => call !== undefined);
  const { client, server } = pair.ends();
  const drained = pair.server.drain(5000);
  await until(() => client.retired);
  server.receiver.refuseNew();
  client.retired = false;
  const source = await new Promise<string>((resolve) => {
    const stream = client.open({ ...QUIET, onReset: (_stream, _code, why) => resolve(why) });
    stream.sendHeaders([':method', 'POST', ':scheme', 'http', ':path', '/t.T/Wait'], true);
  });
  assert.equal(source, 'refused');
  client.retired = true;
  call?.reply(Buffer.from('late'));
  assert.equal((await reply).toString(), 'late');
  await drained;
  await until(() => client.closed);
});

test('the end of the connection ends its linked streams on both sides', async () => {
  const pair = linked();
  const lost: string[] = [];
  pair.server.raw((stream: Http2Stream) => {
    stream.handler = { ...QUIET, onReset: (_stream, _code, source) => lost.push(`server ${source}`) };
    return true;
  });
  await pair.client.ready(5000);
  const { client } = pair.ends();
  const stream = client.open({ ...QUIET, onReset: (_stream, _code, source) => lost.push(`client ${source}`) });
  stream.sendHeaders([':method', 'POST', ':scheme', 'http', ':path', '/'], false);
  client.destroy(undefined);
  await until(() => lost.length === 2);
  assert.deepEqual(lost.sort(), ['client connection', 'server connection']);
  assert.equal(stream.sendData(Buffer.from('x'), true), true);
  await idle(pair);
});

test('a handler that throws costs its own stream', async () => {
  const pair = linked();
  let throws = true;
  pair.server.raw((stream) => {
    stream.handler = {
      ...QUIET,
      onData(self, _bytes, start, end) {
        self.consume(end - start);
        if (throws) throw new Error('broken');
        self.sendHeaders([':status', '200', 'grpc-status', '0'], true);
      },
    };
    return true;
  });
  const call = (): Promise<ClientCall> =>
    new Promise((resolve) => {
      pair.client.unary('/t.T/Any', Buffer.from('m'), undefined, { onEnd: resolve });
    });
  assert.equal((await call()).code, Status.INTERNAL);
  throws = false;
  // A response of trailers alone carries no message, which a unary call misses: that it came is what counts.
  assert.match((await call()).message, /none came/);
  await idle(pair);
});
