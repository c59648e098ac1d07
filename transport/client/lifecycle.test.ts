// Connections come and go under calls: drain, age, reconnection, waiting, unix sockets, TLS, tunnels.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  CallError,
  type ClientCall,
  connect,
  createServer,
  type Server,
  type ServerOptions,
  Status,
} from '../index.ts';

const folder = mkdtempSync(join(tmpdir(), 'transport-'));
const closers: (() => void)[] = [];
after(() => {
  for (const close of closers) close();
  rmSync(folder, { recursive: true });
});

const ECHO = '/t.T/Echo';
const HOLD = '/t.T/Hold';

function echoServer(options: ServerOptions = {}): Server & { readonly held: (() => void)[] } {
  const server = createServer(options);
  const held: (() => void)[] = [];
  server.handle(ECHO, { requestStream: false, onMessage: (call, message) => call.reply(message) });
  server.handle(HOLD, {
    requestStream: false,
    onMessage: (call, message) => held.push(() => call.reply(message)),
  });
  closers.push(() => server.close());
  return Object.assign(server, { held });
}

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
};

const code = (expected: number) => (error: unknown) => error instanceof CallError && error.code === expected;

test('draining lets running calls end and refuses new ones without losing any', async () => {
  const first = echoServer();
  const { port } = await first.listen({ host: '127.0.0.1', port: 0 });
  const client = connect({ target: `127.0.0.1:${port}`, backoffBase: 10 });
  closers.push(() => client.close());
  const running = client.call(HOLD, Buffer.from('held'));
  await until(() => first.held.length === 1);
  const drained = first.drain(5_000);
  const second = echoServer();
  await second.listen({ host: '127.0.0.1', port });
  await until(() => client.counters.goawaysReceived > 0);
  const next = await client.call(ECHO, Buffer.from('next'), { waitForReady: true });
  assert.equal(next.toString(), 'next');
  first.held[0]?.();
  assert.equal((await running).toString(), 'held');
  await drained;
  assert.equal(first.counters.connections, 0);
});

test('a rolling restart under load loses no call', async () => {
  let server = echoServer();
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const client = connect({ target: `127.0.0.1:${port}`, backoffBase: 5, backoffMax: 20 });
  closers.push(() => client.close());
  let running = true;
  let calls = 0;
  const worker = async (): Promise<void> => {
    while (running) {
      await client.call(ECHO, Buffer.from('x'), { waitForReady: true });
      calls++;
    }
  };
  const workers = Array.from({ length: 20 }, worker);
  for (let restart = 0; restart < 5; restart++) {
    const target = calls + 200;
    await until(() => calls > target);
    const old = server;
    server = echoServer();
    const drained = old.drain(5_000);
    await server.listen({ host: '127.0.0.1', port });
    await drained;
  }
  running = false;
  await Promise.all(workers);
  assert.ok(calls > 1_000);
});

test('a connection is drained at its age, and calls go on over the next', async () => {
  const server = echoServer({ maxConnectionAge: 120 });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const client = connect({ target: `127.0.0.1:${port}` });
  closers.push(() => client.close());
  while (server.counters.agedConnections < 2) await client.call(ECHO, Buffer.from('x'));
  assert.ok(server.counters.connectionsOpened >= 2);
});

test('an idle connection is closed and made again on demand', async () => {
  const server = echoServer({ maxConnectionIdle: 100 });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const client = connect({ target: `127.0.0.1:${port}` });
  closers.push(() => client.close());
  await client.call(ECHO, Buffer.from('x'));
  await until(() => client.counters.connections === 0);
  await client.call(ECHO, Buffer.from('x'));
  assert.equal(server.counters.idleConnections, 1);
});

test('without a server a call fails at once, or waits when it may', async () => {
  const probe = net.createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as net.AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  const client = connect({ target: `127.0.0.1:${port}`, backoffBase: 20, backoffMax: 50 });
  closers.push(() => client.close());
  await assert.rejects(client.call(ECHO, Buffer.alloc(0)), code(Status.UNAVAILABLE));
  await assert.rejects(
    client.call(ECHO, Buffer.alloc(0), { waitForReady: true, timeout: 60 }),
    code(Status.DEADLINE_EXCEEDED),
  );
  const waiting = client.call(ECHO, Buffer.from('late'), { waitForReady: true });
  const server = echoServer();
  await server.listen({ host: '127.0.0.1', port });
  assert.equal((await waiting).toString(), 'late');
});

test('a lost connection fails its calls with UNAVAILABLE, and the next call reconnects', async () => {
  const server = echoServer();
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const client = connect({ target: `127.0.0.1:${port}` });
  closers.push(() => client.close());
  const running = client.call(HOLD, Buffer.from('x'));
  await until(() => server.held.length === 1);
  for (const connection of server.connections) connection.destroy(undefined);
  await assert.rejects(running, code(Status.UNAVAILABLE));
  assert.equal((await client.call(ECHO, Buffer.from('again'))).toString(), 'again');
});

test('more calls than one connection holds open more connections, then wait', async () => {
  const server = echoServer({ maxConcurrentStreams: 10 });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const client = connect({ target: `127.0.0.1:${port}`, maxConnections: 3 });
  closers.push(() => client.close());
  const calls = Array.from({ length: 50 }, (_, i) => client.call(HOLD, Buffer.from(String(i))));
  await until(() => server.held.length === 30);
  assert.equal(client.counters.connections, 3);
  await until(() => {
    for (const release of server.held.splice(0)) release();
    return client.counters.streamsCompleted === 50;
  });
  assert.deepEqual(
    (await Promise.all(calls)).map(String),
    Array.from({ length: 50 }, (_, i) => String(i)),
  );
});

test('a unix socket and a socket made by a function work as targets', async () => {
  const server = echoServer();
  const path = join(folder, 'service.sock');
  await server.listen({ path });
  for (const target of [`unix:${path}`, () => net.connect({ path })]) {
    const client = connect({ target });
    assert.equal((await client.call(ECHO, Buffer.from('u'))).toString(), 'u');
    client.close();
  }
});

test('several addresses of a name take turns', async () => {
  const servers = [echoServer(), echoServer()];
  const { port } = await (servers[0] as Server).listen({ host: '127.0.0.1', port: 0 });
  try {
    await (servers[1] as Server).listen({ host: '::1', port });
  } catch {
    return; // No IPv6 here.
  }
  const client = connect({ target: `localhost:${port}` });
  closers.push(() => client.close());
  await client.call(ECHO, Buffer.alloc(0));
  const addresses = await lookup('localhost', { all: true });
  await until(() => client.counters.streams === 0 && client.counters.connections === addresses.length);
  for (let i = 0; i < 20; i++) await client.call(ECHO, Buffer.alloc(0));
  const completed = servers.map((server) => server.counters.streamsCompleted);
  assert.equal(completed.filter((count) => count >= 20 / addresses.length).length, addresses.length);
});

function certificate(name: string): { cert: string; key: string } {
  const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...curve, '-keyout', key, '-out', cert, ...subject], { stdio: 'ignore' });
  return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
}

test('TLS with ALPN, and mutual TLS that refuses a client without certificate', async () => {
  const own = certificate('localhost');
  const peer = certificate('client');
  const server = echoServer();
  const { port } = await server.listen({
    host: '127.0.0.1',
    port: 0,
    tls: { ...own, ca: peer.cert, requireClientCertificate: true },
  });
  const target = `127.0.0.1:${port}`;
  const good = connect({ target, tls: { ...peer, ca: own.cert, servername: 'localhost' } });
  const stranger = connect({ target, tls: { ca: own.cert, servername: 'localhost' } });
  const distrustful = connect({ target, tls: { ...peer, servername: 'localhost' } });
  closers.push(() => [good, stranger, distrustful].map((client) => client.close()));
  const message = Buffer.alloc(500_000, 'tls');
  assert.deepEqual(await good.call(ECHO, message), message);
  await assert.rejects(stranger.call(ECHO, message), code(Status.UNAVAILABLE));
  await assert.rejects(distrustful.call(ECHO, message), code(Status.UNAVAILABLE));
});

test('the socket of a CONNECT tunnel is served like any other', async () => {
  const server = echoServer();
  const proxy = http.createServer();
  closers.push(() => proxy.close());
  proxy.on('connect', (_request, socket, head) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    if (head.length > 0) socket.unshift(head);
    server.serve(socket);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as net.AddressInfo;
  const client = connect({
    authority: 'payment.example:50051',
    target: () =>
      new Promise((resolve, reject) => {
        const request = http.request({ host: '127.0.0.1', port, method: 'CONNECT', path: 'payment.example:50051' });
        request.once('connect', (_response, socket, head) => {
          // What came with the answer belongs to HTTP/2 already.
          if (head.length > 0) socket.unshift(head);
          resolve(socket);
        });
        request.once('error', reject);
        request.end();
      }),
  });
  closers.push(() => client.close());
  const ended = await new Promise<ClientCall>((resolve) => {
    client.unary(ECHO, Buffer.from('through'), undefined, { onEnd: resolve });
  });
  assert.equal(ended.message, '');
  assert.equal(ended.reply?.toString(), 'through');
});
