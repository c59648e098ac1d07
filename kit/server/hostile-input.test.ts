// What a server answers to input that no client of ours sends: raw HTTP/2 frames, floods, halves and garbage.
import assert from 'node:assert/strict';
import { type ClientHttp2Session, connect, constants, type OutgoingHttpHeaders } from 'node:http2';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { codes } from '../errors/rpc-error.ts';
import { decodeStatusDetails } from '../errors/status-details.ts';
import { type Echo, type Loose, startEcho } from './fixtures/echo-server.ts';

function frame(bytes: Buffer, flag = 0): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(flag, 0);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

interface Answer {
  readonly status: string;
  readonly message: string;
  readonly reason: string | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
}

const statusNames = new Map<number, string>(Object.entries(codes).map(([name, number]) => [number, name]));

describe('hostile input', () => {
  let echo: Echo;
  let session: ClientHttp2Session;
  const handled: string[] = [];

  before(async () => {
    echo = await startEcho({
      handlers: {
        say: async (request: Loose) => {
          handled.push('say');
          return { echo: request };
        },
        sum: async (requests: Loose) => {
          let amount = 0;
          for await (const request of requests) amount += request.amount;
          handled.push('sum');
          return { echo: { amount } };
        },
      },
      methodLimits: {
        Say: { maxDuration: '300ms', maxRequestBytes: 64 * 1024 },
        Sum: { maxDuration: '300ms' },
        Count: { maxRequestBytes: 256 * 1024 },
      },
    });
    session = connect(`http://${echo.address}`);
    session.on('error', () => {});
  });

  after(async () => {
    session.destroy();
    await echo.stop();
  });

  /** Sends one request and waits for how it ends. `end` false leaves the request open. */
  function send(path: string, body: Buffer, extra: OutgoingHttpHeaders = {}, end = true): Promise<Answer> {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...extra,
    });
    return new Promise((resolve, reject) => {
      let headers: Readonly<Record<string, unknown>> = {};
      const take = (more: Readonly<Record<string, unknown>>): void => {
        headers = { ...headers, ...more };
      };
      stream.on('response', take);
      stream.on('trailers', take);
      stream.on('error', reject);
      stream.on('data', () => {});
      stream.on('close', () => {
        const code = Number(headers['grpc-status'] ?? -1);
        const details = headers['grpc-status-details-bin'];
        const { reason } = typeof details === 'string' ? decodeStatusDetails(Buffer.from(details, 'base64')) : {};
        resolve({
          status: code === 0 ? 'OK' : (statusNames.get(code) ?? `HTTP ${String(headers[':status'])}`),
          message: decodeURIComponent(String(headers['grpc-message'] ?? '')),
          reason,
          headers,
        });
      });
      if (end) stream.end(body);
      else stream.write(body);
    });
  }

  const say = '/fixtures.echo.v1.EchoService/Say';
  const sum = '/fixtures.echo.v1.EchoService/Sum';

  it('says nothing in grpc-message when all is well', async () => {
    const { status, headers } = await send(say, frame(Buffer.alloc(0)));
    assert.equal(status, 'OK');
    assert.ok(!headers['grpc-message'], String(headers['grpc-message']));
  });

  it('pads no status details', async () => {
    for (let length = 0; length < 6; length++) {
      const { headers } = await send(say, frame(Buffer.from([0x10, 0xff])), {
        'x-request-id': 'x'.repeat(10 + length),
      });
      assert.match(String(headers['grpc-status-details-bin']), /^[A-Za-z0-9+/]+$/);
    }
  });

  it('answers bytes that are no message with INVALID_ARGUMENT, and never calls the handler', async () => {
    const before = handled.length;
    for (const bytes of [
      [0xff],
      [0x0a, 0x7f],
      [0x08, 0x01],
      [0x0a, 0x02, 0xc3, 0x28],
      [0x10, ...Array<number>(8).fill(0xff), 0x7f],
    ]) {
      const { status, reason } = await send(say, frame(Buffer.from(bytes)));
      assert.equal(status, 'INVALID_ARGUMENT', bytes.join());
      assert.equal(reason, 'MALFORMED_MESSAGE');
    }
    assert.equal(handled.length, before);
  });

  it('refuses a message that breaks a rule, with the place of the field', async () => {
    const item = Buffer.from([0x10, 0x96, 0x01]);
    const { status, reason, headers } = await send(say, frame(Buffer.concat([Buffer.from([0x2a, item.length]), item])));
    assert.equal(status, 'INVALID_ARGUMENT');
    assert.equal(reason, 'INVALID_REQUEST');
    const details = decodeStatusDetails(Buffer.from(String(headers['grpc-status-details-bin']), 'base64'));
    assert.deepEqual(details.fieldViolations, [
      { field: 'items[0].quantity', description: 'must be at most 100', reason: 'int32.lte' },
    ]);
  });

  it('takes a request that was cut inside of a message for no request', async () => {
    const whole = frame(Buffer.from([0x10, 0x05]));
    for (const length of [1, 4, 6]) {
      for (const path of [say, sum]) {
        const { status, reason } = await send(path, whole.subarray(0, length));
        assert.equal(status, 'INTERNAL', `${path} ${length}`);
        assert.equal(reason, 'MALFORMED_MESSAGE');
      }
    }
    const cutSecond = Buffer.concat([whole, whole.subarray(0, 6)]);
    assert.equal((await send(sum, cutSecond)).status, 'INTERNAL');
  });

  it('wants exactly one message on a unary call', async () => {
    assert.equal((await send(say, Buffer.alloc(0))).status, 'UNIMPLEMENTED');
    assert.equal(
      (await send(say, Buffer.concat([frame(Buffer.alloc(0)), frame(Buffer.alloc(0))]))).status,
      'UNIMPLEMENTED',
    );
  });

  it('closes a half-sent message at the longest time of its method', async () => {
    for (const path of [say, sum]) {
      const { status, reason } = await send(path, Buffer.from([0, 0, 0, 0, 9, 1]), {}, false);
      assert.equal(status, 'DEADLINE_EXCEEDED');
      assert.equal(reason, 'SERVER_DEADLINE');
    }
  });

  it("keeps the method's size of a message, whatever other methods take", async () => {
    const { status, reason } = await send(say, frame(Buffer.alloc(65 * 1024)));
    assert.equal(status, 'RESOURCE_EXHAUSTED');
    assert.equal(reason, 'REQUEST_TOO_LARGE');
  });

  it('refuses a message beyond every method before it is there', async () => {
    const announced = Buffer.from([0, 0x7f, 0xff, 0xff, 0xff]);
    const { status, reason } = await send(say, announced, {}, false);
    assert.equal(status, 'RESOURCE_EXHAUSTED');
    assert.equal(reason, 'REQUEST_TOO_LARGE');
  });

  it('stops to inflate a small message that becomes large', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const { status } = await send(say, frame(bomb, 1), { 'grpc-encoding': 'gzip' });
    assert.equal(status, 'RESOURCE_EXHAUSTED');
  });

  it('answers what cannot be inflated with INTERNAL, an unknown encoding with UNIMPLEMENTED', async () => {
    const garbage = frame(Buffer.from('not gzip at all'), 1);
    const { status, reason } = await send(say, garbage, { 'grpc-encoding': 'gzip' });
    assert.deepEqual([status, reason], ['INTERNAL', 'MALFORMED_MESSAGE']);
    assert.equal((await send(say, garbage, { 'grpc-encoding': 'snappy' })).status, 'UNIMPLEMENTED');
  });

  it('bounds metadata, and says so', async () => {
    const flood = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`x-flood-${index}`, 'v'.repeat(60)]));
    const { status, reason } = await send(say, frame(Buffer.alloc(0)), flood);
    assert.equal(status, 'RESOURCE_EXHAUSTED');
    assert.equal(reason, 'METADATA_TOO_LARGE');
    assert.equal((await send(say, frame(Buffer.alloc(0)), { 'x-one': 'v'.repeat(7000) })).status, 'OK');
  });

  it('refuses a timeout that is none', async () => {
    assert.equal((await send(say, frame(Buffer.alloc(0)), { 'grpc-timeout': 'soon' })).status, 'INTERNAL');
  });

  it('says UNIMPLEMENTED for what it does not serve', async () => {
    assert.equal((await send('/fixtures.echo.v1.EchoService/Nothing', frame(Buffer.alloc(0)))).status, 'UNIMPLEMENTED');
    assert.equal((await send('/other.Service/Say', frame(Buffer.alloc(0)))).status, 'UNIMPLEMENTED');
  });

  it('allows no more calls at once on a connection than its settings say', async () => {
    const limited = await startEcho({ handlers: {}, limits: { maxConcurrentStreams: 7 } });
    const other = connect(`http://${limited.address}`);
    const settings = await new Promise<{ maxConcurrentStreams?: number }>((resolve) =>
      other.on('remoteSettings', resolve),
    );
    assert.equal(settings.maxConcurrentStreams, 7);
    other.destroy();
    await limited.stop();
  });

  it('survives a flood of resets and goes on serving others', async () => {
    const flood = connect(`http://${echo.address}`);
    flood.on('error', () => {});
    const closed = new Promise<void>((resolve) => flood.on('close', () => resolve()));
    for (let sent = 0; sent < 3000 && !flood.destroyed && !flood.closed; sent++) {
      const stream = flood.request({
        ':method': 'POST',
        ':path': say,
        'content-type': 'application/grpc',
        te: 'trailers',
      });
      stream.on('error', () => {});
      stream.close(constants.NGHTTP2_CANCEL);
    }
    await Promise.race([closed, send(say, frame(Buffer.alloc(0)))]);
    flood.destroy();
    assert.equal((await send(say, frame(Buffer.alloc(0)))).status, 'OK');
  });
});
