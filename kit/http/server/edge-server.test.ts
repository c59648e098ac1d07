import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { RpcError } from '../../errors/rpc-error.ts';
import { createTelemetry } from '../../telemetry/telemetry.ts';
import { createEdgeServer } from './edge-server.ts';
import { createHttpRecorder } from './http-recorder.ts';

let app: ReturnType<typeof createEdgeServer>;
let address: URL;
/** Lets a request go on that waits, by its id. */
const finish = new Map<string, () => void>();
const lines: string[] = [];

async function refuse(): Promise<never> {
  throw new Error('nobody comes here');
}

async function edge(trustedProxies: number): Promise<typeof app> {
  const telemetry = await createTelemetry({
    service: 'edge',
    version: 'v1',
    logLevel: 'info',
    sampleRatio: 0,
    processMetrics: false,
    stdout: { write: (line) => lines.push(line) },
  });
  return createEdgeServer({
    recorder: createHttpRecorder(telemetry),
    credentials: { caller: async () => ({}) },
    rateLimits: { take: () => {} },
    limits: { headersTimeoutMs: 200, requestTimeoutMs: 400 },
    trustedProxies,
  });
}

before(async () => {
  app = await edge(0);
  app.get('/fails', async () => {
    throw new Error('a cause with a secret');
  });
  app.post('/echo', async (request) => ({ body: request.body ?? null }));
  app.get('/slow', async (request) => {
    await new Promise<void>((resolve) => finish.set(request.headers['x-request-id']?.toString() ?? '', resolve));
    return { slow: true };
  });
  // Answers before the body is there, as a refusal does; the second one answers bit by bit.
  app.post('/early', { onRequest: async () => Promise.reject(new RpcError('PERMISSION_DENIED', 'not you')) }, refuse);
  app.post(
    '/bits',
    {
      onRequest: async (_request, reply) => {
        reply.hijack();
        reply.raw.writeHead(200, { 'content-length': 10 }).write('first');
        finish.set('bits', () => reply.raw.end('-last'));
      },
    },
    refuse,
  );
  address = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
});
after(() => app.close());

async function read(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket) text += chunk;
  return text;
}

test('a head that does not come to its end is answered with 408 and closed', async () => {
  const socket = connect(Number(address.port), address.hostname);
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n');
  assert.match(await read(socket), /^HTTP\/1.1 408 [\s\S]*REQUEST_TOO_SLOW/);
});

test('a body that does not come to its end is answered with 408 and closed', async () => {
  const socket = connect(Number(address.port), address.hostname);
  socket.write('POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{');
  assert.match(await read(socket), /^HTTP\/1.1 408 /);
});

const chunked = (path: string): string =>
  `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n5\r\n"abcd`;
const statuses = (text: string): string[] => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status = '']) => status);

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test('what is no request is refused after the answers of those before it', async () => {
  const socket = connect(Number(address.port), address.hostname);
  const get = (id: string): string => `GET /slow HTTP/1.1\r\nhost: x\r\nx-request-id: ${id}\r\n\r\n`;
  socket.write(`${get('slow-1')}${get('slow-2')}nonsense\r\n\r\n`);
  const answers = read(socket);
  await until(() => finish.has('slow-1') && finish.has('slow-2'));
  socket.write('more of it\r\n\r\n');
  finish.get('slow-2')?.();
  await new Promise((resolve) => setTimeout(resolve, 20));
  finish.get('slow-1')?.();
  assert.deepEqual(statuses(await answers), ['200', '200', '400']);
});

test('a body that breaks before its request is answered is refused, once', async () => {
  const socket = connect(Number(address.port), address.hostname);
  socket.write(`${chunked('/echo')}nonsense\r\n`);
  assert.deepEqual(statuses(await read(socket)), ['400']);
});

test('a body that breaks behind a request that waits is refused after its answer', async () => {
  const socket = connect(Number(address.port), address.hostname);
  socket.write(`GET /slow HTTP/1.1\r\nhost: x\r\nx-request-id: slow-3\r\n\r\n${chunked('/echo')}nonsense\r\n`);
  const answers = read(socket);
  await until(() => finish.has('slow-3'));
  finish.get('slow-3')?.();
  assert.deepEqual(statuses(await answers), ['200', '400']);
});

test('a body that breaks after its request was answered gets no second answer', async () => {
  const socket = connect(Number(address.port), address.hostname);
  socket.write(chunked('/early'));
  socket.once('data', () => socket.write('nonsense\r\n'));
  assert.deepEqual(statuses(await read(socket)), ['403']);
});

test('a body that breaks while its request is being answered leaves the answer whole', async () => {
  const socket = connect(Number(address.port), address.hostname);
  socket.write(chunked('/bits'));
  socket.once('data', () => {
    socket.write('nonsense\r\n');
    setTimeout(() => finish.get('bits')?.(), 20);
  });
  const text = await read(socket);
  assert.deepEqual(statuses(text), ['200']);
  assert.match(text, /first-last$/);
});

test('a request that names two hosts is refused, and its connection ends', async () => {
  const socket = connect(Number(address.port), address.hostname);
  socket.write('GET /fails HTTP/1.1\r\nhost: x\r\nhost: y\r\n\r\n');
  assert.match(await read(socket), /^HTTP\/1.1 400 [\s\S]*TWO_HOSTS/);
});

test('a hundred requests may wait on a connection; one with more is cut off', async () => {
  const answers = async (count: number): Promise<number> => {
    const socket = connect(Number(address.port), address.hostname);
    socket.on('error', () => {});
    const last = 'GET /fails HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n';
    socket.write('GET /fails HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(count - 1) + last);
    const text = await read(socket).catch(() => '');
    return text.split('HTTP/1.1 500').length - 1;
  };
  assert.equal(await answers(100), 100);
  assert.ok((await answers(1_000)) < 1_000);
});

test("an unknown error says nothing but its request's id; its cause is in the log", async () => {
  const response = await fetch(new URL('/fails', address), { headers: { 'x-request-id': 'r-1' } });
  const { error } = (await response.json()) as { error: { code: number; message: string; details: object[] } };
  assert.deepEqual([error.code, error.message], [500, 'internal error']);
  assert.deepEqual(error.details, [{ '@type': 'type.googleapis.com/google.rpc.RequestInfo', requestId: 'r-1' }]);
  const line = lines.map((text) => JSON.parse(text)).find(({ requestId }) => requestId === 'r-1');
  assert.deepEqual([line.level, line.error.message], ['error', 'a cause with a secret']);
});

test('an empty body is no body', async () => {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(new URL('/echo', address), { method: 'POST', headers, body: '' });
  assert.deepEqual(await response.json(), { body: null });
});

test('a charset beside the content type is accepted', async () => {
  const headers = { 'content-type': 'application/json; charset=UTF-8' };
  const response = await fetch(new URL('/echo', address), { method: 'POST', headers, body: '{"a":1}' });
  assert.deepEqual(await response.json(), { body: { a: 1 } });
});

test('behind a proxy a connection is left to the proxy to close, for longer than its hour', async () => {
  const proxied = await edge(1);
  const behind = new URL(await proxied.listen({ host: '127.0.0.1', port: 0 }));
  try {
    const [direct, kept] = await Promise.all(
      [address, behind].map(async (each) => (await fetch(new URL('/nothing', each))).headers.get('keep-alive')),
    );
    assert.deepEqual([direct, kept], ['timeout=72', 'timeout=7200']);
  } finally {
    await proxied.close();
  }
});
