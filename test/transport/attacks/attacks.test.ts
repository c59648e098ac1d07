// Every attack ends in its bound, with its counter, little memory, and an honest caller served on another connection.
// The victim is a process of its own. A count of frames is a bound on work, so no speed is measured here.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type Client, type Counters, connect, ErrorCode } from '#transport';
import { frame, RawPeer, request, settings, uint32 } from './raw-peer.ts';

const MEBIBYTE = 1024 * 1024;
let victim: ChildProcess;
let lines: AsyncIterator<string>;
let port = 0;
let honest: Client;
let served = 0;
let refused = '';
let running = true;
let caller: Promise<void>;

const look = async (): Promise<{ memory: number; counters: Counters }> => {
  victim.stdin?.write('\n');
  return JSON.parse((await lines.next()).value);
};

before(async () => {
  victim = spawn(process.execPath, ['--expose-gc', join(import.meta.dirname, 'victim.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  assert.ok(victim.stdout);
  lines = createInterface({ input: victim.stdout })[Symbol.asyncIterator]();
  port = Number((await lines.next()).value);
  honest = connect({ target: `127.0.0.1:${port}` });
  caller = (async () => {
    while (running) {
      await honest.call('/a.A/Echo', Buffer.from('honest'), { timeout: 10_000 }).then(
        () => served++,
        (error: Error) => {
          refused = error.message;
        },
      );
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  })();
  while (served === 0) await new Promise((resolve) => setTimeout(resolve, 5));
});

after(async () => {
  running = false;
  await caller;
  honest.close();
  victim.stdin?.end();
  await new Promise((resolve) => victim.on('exit', resolve));
});

/** Runs an attack and checks what must hold after every one. */
function attack(
  name: string,
  counter: keyof Counters,
  run: () => Promise<RawPeer | undefined>,
  bound = 48 * MEBIBYTE,
): void {
  test(name, async () => {
    const first = await look();
    const before = served;
    const peer = await run();
    const last = await look();
    peer?.close();
    assert.ok(last.counters[counter] > first.counters[counter], `${counter} counts nothing`);
    assert.ok(last.memory - first.memory < bound, `${(last.memory - first.memory) / MEBIBYTE} MiB more`);
    await honest.call('/a.A/Echo', Buffer.from('after'), { timeout: 10_000 });
    assert.equal(refused, '');
    assert.ok(served > before);
  });
}

/** The usual end: GOAWAY ENHANCE_YOUR_CALM before the whole flood was taken. */
async function calmed(peer: RawPeer, octets: (index: number) => Buffer, times: number): Promise<RawPeer> {
  await peer.flood(octets, times);
  assert.ok(await peer.until(() => peer.closed), 'the connection is still open');
  assert.ok(peer.goaway === ErrorCode.ENHANCE_YOUR_CALM || peer.goaway === -1, `GOAWAY ${peer.goaway}`);
  return peer;
}

const begin = (index: number, path = '/a.A/Hold'): Buffer => frame(1, 4, index * 2 + 1, request(path));
const prefix = (length: number, flag = 0): Buffer => Buffer.concat([Buffer.from([flag]), uint32(length)]);

attack('rapid reset: 20,000 requests, each reset at once', 'resetFloods', () =>
  calmed(new RawPeer(port), (i) => Buffer.concat([begin(i), frame(3, 0, i * 2 + 1, uint32(8))]), 20_000),
);

attack('resets that the server is made to send, by windows that overflow', 'resetFloods', () =>
  calmed(new RawPeer(port), (i) => Buffer.concat([begin(i), frame(8, 0, i * 2 + 1, uint32(0x7fffffff))]), 20_000),
);

attack('PING flood', 'controlFloods', () => calmed(new RawPeer(port), () => frame(6, 0, 0, Buffer.alloc(8)), 100_000));

attack('SETTINGS flood', 'controlFloods', () => calmed(new RawPeer(port), () => settings([4, 65_535]), 100_000));

attack('WINDOW_UPDATE flood', 'controlFloods', () =>
  calmed(new RawPeer(port), () => frame(8, 0, 0, uint32(1)), 100_000),
);

attack('PRIORITY flood', 'controlFloods', () =>
  calmed(new RawPeer(port), () => frame(2, 0, 1, Buffer.from([0, 0, 0, 0, 1])), 100_000),
);

attack('flood of frames of an unknown type', 'controlFloods', () =>
  calmed(new RawPeer(port), () => frame(77, 0, 0, Buffer.alloc(4)), 100_000),
);

attack('empty DATA flood', 'controlFloods', async () => {
  const peer = new RawPeer(port);
  await peer.send(begin(0, '/a.A/Sink'));
  return calmed(peer, () => frame(0, 0, 1), 100_000);
});

attack('CONTINUATION flood without an end', 'headerBlocksTooLarge', async () => {
  const peer = new RawPeer(port);
  await peer.send(frame(1, 0, 1, request('/a.A/Hold')));
  return calmed(peer, () => frame(9, 0, 1, Buffer.alloc(1_000, 0x88)), 10_000);
});

attack('metadata of 1 MiB in one block', 'headerBlocksTooLarge', async () => {
  const peer = new RawPeer(port);
  const whole = request('/a.A/Hold', ['x-big', 'v'.repeat(MEBIBYTE)]);
  await peer.send(frame(1, 0, 1, whole.subarray(0, 16_000)));
  let position = 16_000;
  return calmed(
    peer,
    () => {
      const part = whole.subarray(position, position + 16_000);
      position += part.length;
      return frame(9, position >= whole.length ? 4 : 0, 1, part);
    },
    Math.ceil(MEBIBYTE / 16_000),
  );
});

attack('metadata over 8 KiB is refused for its call alone', 'headerListsTooLarge', async () => {
  const peer = new RawPeer(port);
  await peer.send(frame(1, 5, 1, request('/a.A/Hold', ['x-big', 'v'.repeat(12_000)])));
  assert.ok(await peer.until(() => peer.responses === 1));
  assert.equal(peer.closed, false);
  return peer;
});

attack('HPACK bomb: one octet refers to four thousand', 'headerListsTooLarge', async () => {
  const peer = new RawPeer(port);
  // Literal with indexing, name "a", a value of 3,900 octets, then index 62 sixteen thousand times.
  const value = Buffer.alloc(3_900, 0x61);
  const literal = Buffer.concat([Buffer.from([0x40, 1, 0x61, 0x7f, 0xbd, 0x1d]), value]);
  const bomb = Buffer.concat([request('/a.A/Hold'), literal, Buffer.alloc(12_000, 0xbe)]);
  for (let i = 0; i < 50; i++) await peer.send(frame(1, 5, i * 2 + 1, bomb));
  assert.ok(await peer.until(() => peer.responses >= 50 || peer.closed));
  return peer;
});

attack('half a message, then silence', 'messageTimeouts', async () => {
  const peer = new RawPeer(port);
  await peer.send(
    Buffer.concat([begin(0, '/a.A/Echo'), frame(0, 0, 1, Buffer.concat([prefix(1_000), Buffer.alloc(10)]))]),
  );
  assert.ok(await peer.until(() => peer.responses === 1), 'the call has not ended');
  return peer;
});

attack('a unary request whose message never comes', 'messageTimeouts', async () => {
  const peer = new RawPeer(port);
  await peer.send(begin(0, '/a.A/Echo'));
  assert.ok(await peer.until(() => peer.responses === 1), 'the call has not ended');
  return peer;
});

attack('half a frame, then silence', 'frameTimeouts', async () => {
  const peer = new RawPeer(port);
  await peer.send(begin(0, '/a.A/Echo').subarray(0, 20));
  assert.ok(await peer.until(() => peer.closed), 'the connection is still open');
  return peer;
});

attack('a connection that says nothing', 'settingsTimeouts', async () => {
  const peer = new RawPeer(port, Buffer.alloc(0));
  assert.ok(await peer.until(() => peer.closed), 'the connection is still open');
  return peer;
});

attack('a hundred announcements of the largest message', 'messageTimeouts', async () => {
  const peer = new RawPeer(port);
  await peer.flood(
    (i) =>
      Buffer.concat([
        begin(i, '/a.A/Sink'),
        frame(0, 0, i * 2 + 1, Buffer.concat([prefix(4_194_304), Buffer.alloc(1)])),
      ]),
    100,
  );
  assert.ok(await peer.until(() => peer.responses === 100), `${peer.responses} calls have ended`);
  return peer;
});

attack('a message announced over the limit', 'messagesTooLarge', async () => {
  const peer = new RawPeer(port);
  await peer.send(Buffer.concat([begin(0, '/a.A/Echo'), frame(0, 0, 1, prefix(0xffffffff))]));
  assert.ok(await peer.until(() => peer.responses === 1), 'the call has not ended');
  return peer;
});

attack('gzip bombs of 100 MiB each', 'messagesTooLarge', async () => {
  const peer = new RawPeer(port);
  const bomb = gzipSync(Buffer.alloc(100 * MEBIBYTE));
  const message = Buffer.concat([prefix(bomb.length, 1), bomb]);
  for (let i = 0; i < 5; i++) {
    await peer.send(frame(1, 4, i * 2 + 1, request('/a.A/Echo', ['grpc-encoding', 'gzip'])));
    for (let at = 0; at < message.length; at += 16_000) {
      const part = message.subarray(at, at + 16_000);
      await peer.send(frame(0, at + part.length === message.length ? 1 : 0, i * 2 + 1, part));
    }
  }
  assert.ok(await peer.until(() => peer.responses === 5), `${peer.responses} calls have ended`);
  return peer;
});

attack('100,000 streams begun and never ended', 'refusedStreams', async () => {
  const peer = new RawPeer(port);
  const { streamsOpened } = (await look()).counters;
  await calmed(peer, (i) => begin(i), 100_000);
  const opened = (await look()).counters.streamsOpened - streamsOpened;
  assert.ok(opened < 5_000, `${opened} streams were opened`);
  return peer;
});

attack('a window of nothing: answers that can never be sent', 'sendTimeouts', async () => {
  const peer = new RawPeer(port, settings([4, 0]));
  await peer.flood((i) => Buffer.concat([begin(i, '/a.A/Endless'), frame(0, 1, i * 2 + 1, prefix(0))]), 100);
  assert.ok(await peer.until(() => peer.resets.size === 100), `${peer.resets.size} streams were reset`);
  return peer;
});

attack('answers that are never read', 'sendTimeouts', async () => {
  const peer = new RawPeer(port, Buffer.concat([settings([4, 0x7fffffff]), frame(8, 0, 0, uint32(0x7fff0000))]));
  assert.ok(await peer.until(() => peer.greeted));
  peer.socket.pause();
  await peer.flood((i) => Buffer.concat([begin(i, '/a.A/Endless'), frame(0, 1, i * 2 + 1, prefix(0))]), 100);
  const before = (await look()).counters.sendTimeouts;
  for (let i = 0; i < 100 && (await look()).counters.sendTimeouts === before; i++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return peer;
});
