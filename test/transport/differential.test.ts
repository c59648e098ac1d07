// Legal traffic, the same through this transport and node:http2, in all four pairings: both must see the same.
// Bodies, fields and trailers are random but legal; what arrives is compared with what was sent.
import assert from 'node:assert/strict';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { type Client, connect, createServer, headerValue, type Server, type StreamHandler } from '#transport';

interface Exchange {
  readonly fields: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
  readonly pieces: number;
}

interface Answer {
  readonly status: string;
  readonly fields: Record<string, string>;
  readonly body: Buffer;
  readonly trailer: string;
}

// Both servers echo: fields that begin with x-, the body, and its length in a trailer.
let ours: Server;
let theirs: http2.Http2Server;
let ports: Record<string, number>;
let ourClients: Record<string, Client>;
let theirClients: Record<string, http2.ClientHttp2Session>;

before(async () => {
  ours = createServer({ maxHeaderListSize: 65_536 });
  ours.raw((stream, headers, endStream) => {
    const echoed = [':status', '200'];
    for (let i = 0; i < headers.length; i += 2) {
      if (headers[i]?.startsWith('x-')) echoed.push(headers[i] as string, headers[i + 1] as string);
    }
    stream.sendHeaders(echoed, false);
    let length = 0;
    const finish = (): void => stream.sendHeaders(['x-length', String(length)], true);
    stream.handler = {
      onHeaders() {},
      onData(self, bytes, start, end, last) {
        length += end - start;
        self.consume(end - start);
        self.sendData(bytes.subarray(start, end), false);
        if (last) finish();
      },
      onTrailers: finish,
      onReset() {},
      onDrain() {},
      onStalled() {},
    };
    if (endStream) finish();
    return true;
  });
  const { port } = await ours.listen({ host: '127.0.0.1', port: 0 });
  theirs = http2.createServer({ settings: { maxHeaderListSize: 65_536 } });
  theirs.on('stream', (stream, headers) => {
    const echoed = Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('x-')));
    stream.respond({ ':status': 200, ...echoed }, { waitForTrailers: true, sendDate: false } as object);
    let length = 0;
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-length': String(length) }));
    stream.on('data', (part: Buffer) => {
      length += part.length;
      stream.write(part);
    });
    stream.on('end', () => stream.end());
  });
  await new Promise<void>((resolve) => theirs.listen(0, '127.0.0.1', resolve));
  ports = { ours: port, theirs: (theirs.address() as AddressInfo).port };
  ourClients = {};
  theirClients = {};
  for (const [name, at] of Object.entries(ports)) {
    const client = connect({ target: `127.0.0.1:${at}`, maxHeaderListSize: 65_536 });
    await client.ready(5_000);
    ourClients[name] = client;
    theirClients[name] = http2.connect(`http://127.0.0.1:${at}`, { settings: { maxHeaderListSize: 65_536 } });
  }
});

after(() => {
  for (const client of Object.values(ourClients)) client.close();
  for (const session of Object.values(theirClients)) session.destroy();
  ours.close();
  theirs.close();
});

const cut = ({ body, pieces }: Exchange): Uint8Array[] => {
  const size = Math.max(1, Math.ceil(body.length / pieces));
  return Array.from({ length: Math.ceil(body.length / size) }, (_, i) => body.subarray(i * size, (i + 1) * size));
};

function throughOurs(server: string, exchange: Exchange): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let status = '';
    let fields: Record<string, string> = {};
    const end = (trailer: string): void => resolve({ status, fields, body: Buffer.concat(parts), trailer });
    const handler: StreamHandler = {
      onHeaders(_stream, headers) {
        status = headerValue(headers, ':status') ?? '';
        const pairs = headers.flatMap((name, i) =>
          i % 2 === 0 && name.startsWith('x-') ? [[name, headers[i + 1]]] : [],
        );
        fields = Object.fromEntries(pairs);
      },
      onData(stream, bytes, start, stop, last) {
        parts.push(bytes.subarray(start, stop));
        stream.consume(stop - start);
        if (last) end('');
      },
      onTrailers: (_stream, headers) => end(headerValue(headers, 'x-length') ?? ''),
      onReset: (_stream, code) => reject(new Error(`reset with ${code}`)),
      onDrain() {},
      onStalled() {},
    };
    ourClients[server]?.dispatch({
      waiting: false,
      options: {},
      attach(connection) {
        const stream = connection.open(handler);
        const request = [':method', 'POST', ':scheme', 'http', ':path', '/echo', ':authority', 'x'];
        stream.sendHeaders([...request, ...exchange.fields.flat()], false);
        for (const piece of cut(exchange)) stream.sendData(piece, false);
        stream.sendData(Buffer.alloc(0), true);
      },
      fail: (_code, message) => reject(new Error(message)),
    });
  });
}

function throughTheirs(server: string, exchange: Exchange): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = theirClients[server]?.request({
      ':method': 'POST',
      ':path': '/echo',
      ...Object.fromEntries(exchange.fields),
    });
    if (stream === undefined) throw new Error('no session');
    const parts: Buffer[] = [];
    let status = '';
    let trailer = '';
    let fields: Record<string, string> = {};
    stream.on('response', (headers) => {
      status = String(headers[':status']);
      const pairs = Object.entries(headers).filter(([name]) => name.startsWith('x-'));
      fields = Object.fromEntries(pairs.map(([name, value]) => [name, String(value)]));
    });
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.on('trailers', (headers) => {
      trailer = String(headers['x-length']);
    });
    stream.on('error', reject);
    stream.on('end', () => resolve({ status, fields, body: Buffer.concat(parts), trailer }));
    for (const piece of cut(exchange)) stream.write(piece);
    stream.end();
  });
}

const field = fc.tuple(fc.stringMatching(/^x-[a-z0-9-]{1,20}$/), fc.stringMatching(/^[!-~][ -~]{0,60}[!-~]$/));
const exchange: fc.Arbitrary<Exchange> = fc.record({
  fields: fc.uniqueArray(field, { maxLength: 12, selector: ([name]) => name }),
  body: fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.integer({ min: 0, max: 600_000 }).map((length) => new Uint8Array(length).fill(length & 0xff)),
  ),
  pieces: fc.integer({ min: 1, max: 9 }),
});

test('every pairing of clients and servers gives the same answer', async () => {
  await fc.assert(
    fc.asyncProperty(exchange, async (given) => {
      const runs = ['ours', 'theirs'].flatMap((server) => [throughOurs(server, given), throughTheirs(server, given)]);
      for (const answer of await Promise.all(runs)) {
        assert.equal(answer.status, '200');
        assert.deepEqual(answer.fields, Object.fromEntries(given.fields));
        assert.ok(answer.body.equals(given.body), 'the bodies differ');
        assert.equal(answer.trailer, String(given.body.length));
      }
    }),
    { numRuns: 100 },
  );
});
