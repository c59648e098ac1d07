// Limits that need no attacker: connections, time of a call, session memory, keepalive, sizes. Each has its counter.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, test } from 'node:test';
import {
  type Client,
  type ClientCall,
  connect,
  createServer,
  type Server,
  type ServerOptions,
  Status,
} from '../index.ts';
import { FrameOutput } from '../wire/frame-output.ts';

const closers: (() => void)[] = [];
after(() => {
  for (const close of closers) close();
});

async function pair(options: ServerOptions): Promise<{ server: Server; client: Client; port: number }> {
  const server = createServer(options);
  server.handle('/t.T/Echo', { requestStream: false, onMessage: (call, message) => call.reply(message) });
  server.handle('/t.T/Never', { requestStream: false, onMessage() {} });
  server.handle('/t.T/Unread', { requestStream: true, onMessage() {} });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const client = connect({ target: `127.0.0.1:${port}`, maxSendMessage: 10_000_000 });
  closers.push(() => {
    client.close();
    server.close();
  });
  return { server, client, port };
}

const unary = (client: Client, path: string, message: Uint8Array): Promise<ClientCall> =>
  new Promise((resolve) => {
    client.unary(path, message, { timeout: 10_000 }, { onEnd: resolve });
  });
const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
};

test('connections over the limit are closed as they come', async () => {
  const { server, client, port } = await pair({ maxConnections: 1 });
  await client.ready(5_000);
  const second = net.connect(port, '127.0.0.1');
  await new Promise((resolve) => second.on('close', resolve).on('error', () => {}));
  assert.equal(server.counters.refusedConnections, 1);
  assert.equal((await unary(client, '/t.T/Echo', Buffer.from('x'))).code, Status.OK);
});

test('a call without a deadline gets the longest time of the server', async () => {
  const { server, client } = await pair({ maxCallTime: 50 });
  assert.equal((await unary(client, '/t.T/Never', Buffer.alloc(0))).code, Status.DEADLINE_EXCEEDED);
  assert.equal(server.counters.deadlinesExceeded, 1);
});

test('messages over the limit end their call alone', async () => {
  const { server, client } = await pair({ maxReceiveMessage: 1_000, maxSendMessage: 500 });
  assert.equal((await unary(client, '/t.T/Echo', Buffer.alloc(1_001))).code, Status.RESOURCE_EXHAUSTED);
  assert.equal((await unary(client, '/t.T/Echo', Buffer.alloc(501))).code, Status.RESOURCE_EXHAUSTED);
  assert.equal((await unary(client, '/t.T/Echo', Buffer.alloc(500))).code, Status.OK);
  assert.equal(server.counters.messagesTooLarge, 1);
  assert.equal(client.counters.connectionsOpened, 1);
});

test('unfinished messages over the memory of a connection are refused, those within are served', async () => {
  const { server, client } = await pair({ sessionMemory: 1_500_000 });
  const message = Buffer.alloc(1_000_000);
  const codes = (await Promise.all(Array.from({ length: 10 }, () => unary(client, '/t.T/Echo', message)))).map(
    (call) => call.code,
  );
  assert.ok(codes.includes(Status.RESOURCE_EXHAUSTED), codes.join(' '));
  assert.ok(server.counters.sessionMemoryExceeded > 0);
  assert.equal((await unary(client, '/t.T/Echo', message)).code, Status.OK);
  for (const connection of server.connections) assert.equal(connection.buffered, 0);
});

test('a handler that pulls nothing holds the client back at its window', async () => {
  const { server, client } = await pair({ streamWindow: 100_000 });
  let sent = 0;
  const call = client.clientStream('/t.T/Unread', undefined, {
    onDrain(self) {
      while (sent < 1_000) {
        sent++;
        if (!self.sendMessage(Buffer.alloc(10_000))) return;
      }
    },
    onEnd() {},
  });
  call.sendMessage(Buffer.alloc(1));
  await until(() => server.counters.bytesReceived > 90_000);
  let before = -1;
  while (before !== server.counters.bytesReceived) {
    before = server.counters.bytesReceived;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  assert.ok(before < 120_000, `${before} octets came`);
  assert.ok(sent < 30, `${sent} messages were taken`);
  call.cancel();
  await until(() => server.counters.streams === 0);
  for (const connection of server.connections) assert.equal(connection.buffered, 0);
});

test('a peer that does not answer a keepalive PING is given up', async () => {
  const silent = net.createServer((socket) => {
    const output = new FrameOutput();
    output.settings([]);
    output.settingsAck();
    const parts: Uint8Array[] = [];
    output.take(parts);
    socket.on('error', () => {}).write(Buffer.concat(parts));
    socket.resume();
  });
  closers.push(() => silent.close());
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as net.AddressInfo;
  const client = connect({ target: `127.0.0.1:${port}`, keepaliveTime: 100, keepaliveTimeout: 100 });
  closers.push(() => client.close());
  const call = await unary(client, '/t.T/Echo', Buffer.from('x'));
  assert.equal(call.code, Status.UNAVAILABLE);
  assert.match(call.message, /keepalive/);
  assert.equal(client.counters.keepaliveTimeouts, 1);
});

test('an idle connection of a client is closed', async () => {
  const { server, port } = await pair({});
  const client = connect({ target: `127.0.0.1:${port}`, idleTimeout: 100 });
  closers.push(() => client.close());
  await client.call('/t.T/Echo', Buffer.from('x'));
  await until(() => client.counters.connections === 0 && server.counters.connections === 0);
  assert.equal((await client.call('/t.T/Echo', Buffer.from('y'))).toString(), 'y');
});
