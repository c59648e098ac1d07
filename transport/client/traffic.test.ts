// Long honest traffic in small pieces must never look like a flood, whatever the peer's habits with credit are.
// The peer is raw: it gives credit for every DATA frame, twice, and measures with a PING, as some implementations do.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, test } from 'node:test';
import { HpackEncoder } from '../hpack/encoder.ts';
import { connect, createServer, Status } from '../index.ts';
import { DATA, FLAG_ACK, FLAG_END_STREAM, SETTINGS } from '../wire/frame.ts';
import { FrameOutput } from '../wire/frame-output.ts';
import { FrameReader } from '../wire/frame-reader.ts';

const closers: (() => void)[] = [];
after(() => {
  for (const close of closers) close();
});

/** Answers every call when its request has ended, and every DATA frame with two credits and a PING. */
function chattyServer(): Promise<number> {
  const server = net.createServer((socket) => {
    const output = new FrameOutput();
    const encoder = new HpackEncoder(0);
    const block = (fields: string[]): void => {
      encoder.begin();
      encoder.list(fields);
    };
    output.settings([]);
    let preface = 24;
    const reader = new FrameReader({
      onFrame(type, flags, id, _bytes, start, end) {
        if (type === SETTINGS && (flags & FLAG_ACK) === 0) output.settingsAck();
        if (type !== DATA) return;
        if (end > start) {
          output.windowUpdate(0, end - start);
          if ((flags & FLAG_END_STREAM) === 0) output.windowUpdate(id, end - start);
          output.ping(false, Buffer.alloc(8));
        }
        if ((flags & FLAG_END_STREAM) === 0) return;
        block([':status', '200', 'content-type', 'application/grpc']);
        output.headers(id, false, encoder.buffer, encoder.length, 16_384);
        output.data(id, false, 0, Buffer.from('done'), 0, 4);
        block(['grpc-status', '0']);
        output.headers(id, true, encoder.buffer, encoder.length, 16_384);
      },
    });
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      const skipped = Math.min(preface, chunk.length);
      preface -= skipped;
      reader.push(chunk, skipped);
      const parts: Uint8Array[] = [];
      output.take(parts);
      socket.write(Buffer.concat(parts));
    });
    closers.push(() => socket.destroy());
  });
  closers.push(() => server.close());
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as net.AddressInfo).port));
  });
}

test('twenty thousand messages and five thousand calls to a peer that answers each frame with three', async () => {
  const client = connect({ target: `127.0.0.1:${await chattyServer()}` });
  closers.push(() => client.close());
  for (let i = 0; i < 5_000; i += 50) {
    const batch = Array.from({ length: 50 }, () => client.call('/t.T/One', Buffer.from('x')));
    for (const reply of await Promise.all(batch)) assert.equal(reply.toString(), 'done');
  }
  let left = 20_000;
  const ended = await new Promise<number>((resolve) => {
    const call = client.clientStream('/t.T/Many', undefined, { onEnd: (self) => resolve(self.code) });
    const send = (): void => {
      for (let i = 0; i < 100 && left > 0; i++, left--) call.sendMessage(Buffer.from('small'));
      if (left > 0) setImmediate(send);
      else call.halfClose();
    };
    send();
  });
  assert.equal(ended, Status.OK);
  assert.equal(client.counters.connectionsOpened, 1);
});

test('fifty thousand messages back and forth on one stream', async () => {
  const server = createServer();
  closers.push(() => server.close());
  server.handle('/t.T/Chat', {
    requestStream: true,
    onCall: (call) => call.pull(),
    onMessage(call, message) {
      call.sendMessage(message);
      call.pull();
    },
    onEnd: (call) => call.finish(Status.OK),
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const client = connect({ target: `127.0.0.1:${port}` });
  closers.push(() => client.close());
  let got = 0;
  const code = await new Promise<number>((resolve) => {
    const call = client.bidiStream('/t.T/Chat', undefined, {
      onMessage(self) {
        if (++got === 50_000) self.halfClose();
        else self.sendMessage(Buffer.from('m'));
        self.pull();
      },
      onEnd: (self) => resolve(self.code),
    });
    call.pull();
    for (let i = 0; i < 20; i++) call.sendMessage(Buffer.from('m'));
  });
  assert.equal(code, Status.OK);
  assert.ok(got >= 50_000);
});
