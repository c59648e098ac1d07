// The connections to a service of HTTP/1.1, against a service that writes octets: which of them carry another request, and which
// must not, because what one caller sent or got would be taken for another's.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { ErrorCode, type HeaderList, type Http2Connection, type Http2Stream, headerValue } from '#transport';
import { Http1Service } from './http1-service.ts';

interface Answer {
  readonly status?: string;
  readonly body: string;
  /** Code of the reset that ended it. */
  readonly reset?: number;
}

let server: Server;
let service: Http1Service;
/** What came on each connection, in the order of connections. */
let seen: string[] = [];
/** What the service does with octets of a request. */
let serve: (socket: Socket, octets: string) => void = () => {};

before(async () => {
  server = createServer((socket) => {
    const at = seen.push('') - 1;
    socket.setEncoding('latin1').on('error', () => {});
    socket.on('data', (octets: unknown) => {
      seen[at] += octets as string;
      serve(socket, octets as string);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
after(() => server.close());
beforeEach(() => {
  seen = [];
  service = new Http1Service(`127.0.0.1:${(server.address() as AddressInfo).port}`, () => {});
});
afterEach(() => service.close());

const FIELDS = [':scheme', 'http', ':authority', 'a', ':path', '/'];

/** Asks, with these parts of a body; `ended: false` leaves the request open. */
function ask(
  more: readonly string[] = [],
  parts: readonly string[] = [],
  { method = 'POST', ended = true } = {},
): Promise<Answer> {
  return new Promise((resolve) => {
    let status: string | undefined;
    let body = '';
    const done = (reset?: number): void =>
      resolve({ body, ...(status === undefined ? {} : { status }), ...(reset === undefined ? {} : { reset }) });
    service.client.dispatch({
      options: {},
      waiting: false,
      attach(connection: Http2Connection) {
        const stream = connection.open({
          onHeaders(_stream: Http2Stream, headers: HeaderList, endStream: boolean) {
            status = headerValue(headers, ':status');
            if (endStream) done();
          },
          onData(each, bytes, start, end, endStream) {
            body += bytes.toString('latin1', start, end);
            each.consume(end - start);
            if (endStream) done();
          },
          onTrailers: () => done(),
          onReset: (_stream, code) => done(code),
          onDrain() {},
          onStalled() {},
        });
        stream.sendHeaders([':method', method, ...FIELDS, ...more], ended && parts.length === 0);
        for (const [index, part] of parts.entries())
          stream.sendData(Buffer.from(part), ended && index === parts.length - 1);
      },
      fail: () => done(-1),
    });
  });
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n';
const answering = (answer: string): typeof serve => {
  return (socket) => socket.write(answer);
};

describe('a connection to a service', () => {
  it('carries one request after the other', async () => {
    serve = answering(`${OK}\r\nok`);
    for (let round = 0; round < 3; round++) assert.deepEqual(await ask(), { status: '200', body: 'ok' });
    assert.equal(seen.length, 1);
    assert.equal(seen[0], 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n'.repeat(3));
  });
  it('and requests that run at once have one each', async () => {
    serve = (socket) => setTimeout(() => socket.write(`${OK}\r\nok`), 50);
    await Promise.all([ask(), ask(), ask()]);
    assert.equal(seen.length, 3);
  });
  it('carries a body in chunks, or of the length that was announced, together with its head', async () => {
    serve = answering(`${OK}\r\nok`);
    await ask([], ['one', 'two']);
    await ask(['content-length', '6'], ['one', 'two']);
    assert.equal(
      seen.join(''),
      'POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n' +
        'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 6\r\n\r\nonetwo',
    );
  });
  const spent: [why: string, fields: string][] = [
    ['said that it closes', 'Connection: close\r\n'],
    ['said that it closes within a second', 'Keep-Alive: timeout=1\r\n'],
  ];
  for (const [why, fields] of spent)
    it(`is not used again when the service ${why}`, async () => {
      serve = answering(`${OK}${fields}\r\nok`);
      await ask();
      await ask();
      assert.equal(seen.length, 2);
    });
  it('is not used again when more came than the answer', async () => {
    serve = answering(`${OK}\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil`);
    assert.equal((await ask()).body, 'ok');
    assert.equal((await ask()).body, 'ok');
    assert.equal(seen.length, 2);
  });
  it('is not used again when the answer came before the end of the request', async () => {
    serve = answering(`${OK}\r\nok`);
    assert.equal((await ask([], ['half'], { ended: false })).body, 'ok');
    assert.equal((await ask()).body, 'ok');
    assert.equal(seen.length, 2);
  });
  it('that ends in the middle of an answer ends it, and one that ends with it is its end', async () => {
    serve = (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nok');
    assert.deepEqual(await ask(), { status: '200', body: 'ok', reset: ErrorCode.INTERNAL_ERROR });
    serve = (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nok');
    assert.deepEqual(await ask(), { status: '200', body: 'ok' });
  });
});

describe('a request', () => {
  it('with another body than it announced does not reach its end', async () => {
    serve = () => {};
    const sizes = [
      ['5', 'four'],
      ['3', 'four'],
    ] as const;
    for (const [length, body] of sizes)
      assert.equal((await ask(['content-length', length], [body])).reset, ErrorCode.PROTOCOL_ERROR);
    assert.equal((await ask(['content-length', '5'])).reset, ErrorCode.INTERNAL_ERROR);
    assert.ok(!seen.join('').includes('four'), seen.join());
  });
  it('that would be read as another one is not written', async () => {
    for (const value of ['a\r\nx-b: c', 'a\nb', 'a\0b'])
      assert.equal((await ask(['x-a', value])).reset, ErrorCode.INTERNAL_ERROR);
    assert.equal((await ask([], [], { method: 'GET / HTTP/1.1\r\nx-a:' })).reset, ErrorCode.INTERNAL_ERROR);
    assert.equal(seen.length, 0);
  });
  it('that certainly never reached the service may be tried again', async () => {
    const nobody = new Http1Service('unix:/nowhere/service.sock', () => {});
    const there = service;
    service = nobody;
    assert.equal((await ask()).reset, ErrorCode.REFUSED_STREAM);
    service = there;
    nobody.close();
  });
});
