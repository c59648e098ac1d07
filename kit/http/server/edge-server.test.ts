import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { createTelemetry } from '../../telemetry/telemetry.ts';
import { createEdgeServer } from './edge-server.ts';
import { createHttpRecorder } from './http-recorder.ts';

let app: ReturnType<typeof createEdgeServer>;
let address: URL;
const lines: string[] = [];

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
