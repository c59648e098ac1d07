// Attacks on whatever speaks HTTP/2 and gRPC: what the peer does, and the end that it has to come to. How to reach the target,
// and how much is surely more than it takes, are its own. A count of frames is a bound on work, so no speed is measured here.
import assert from 'node:assert/strict';
import type { Duplex } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { type Counters, ErrorCode } from '#transport';
import { frame, RawPeer, request, settings, uint32 } from './raw-peer.ts';

export const MEBIBYTE = 1024 * 1024;

/** What is attacked. */
export interface Target {
  /** A connection on which HTTP/2 can begin. */
  open(): Promise<Duplex>;
  /** `:authority` of its calls. */
  readonly authority: string;
  readonly paths: {
    /** A unary method that answers with its request. */
    readonly echo: string;
    /** A method whose calls last for as long as their caller sends nothing. */
    readonly hold: string;
    /** A method that takes a stream of requests. */
    readonly sink: string;
    /** A method that answers without end. */
    readonly endless: string;
  };
  /** Frames that are surely more than it takes. */
  readonly enough: { readonly control: number; readonly resets: number; readonly streams: number };
  /** Frames that it takes for ever: a burst, and so many a second. @default - none: the flood is more than it takes, however slow */
  readonly bears?: { readonly burst: number; readonly rate: number };
  /** How long a request may hang before it ends it, in milliseconds. */
  readonly patienceMs: number;
  /** How long an answer may wait for a caller that does not take it, in milliseconds; undefined where memory is the only bound. */
  readonly sendPatienceMs: number | undefined;
  /** Streams that it takes at once on a connection. */
  readonly streamsAtOnce: number;
  /** It answers calls beyond a number of its own at once, so that they are not held. @default false */
  readonly refusesCalls?: boolean;
  /** Errors that its GOAWAY may name. */
  readonly calm: readonly number[];
}

/** One attack. */
export interface Attack {
  readonly name: string;
  /** What the transport counts of it. */
  readonly counter: keyof Counters;
  /** It holds up to a hundred thousand calls at once, which take memory while they last. @default false */
  readonly many?: boolean;
  /** Runs it, and rejects when it did not come to its end. The peer is still there. */
  run(target: Target): Promise<{ close(): void }>;
}

export const calmOfOurs: readonly number[] = [ErrorCode.ENHANCE_YOUR_CALM];

const connected = async (target: Target, initial?: Buffer): Promise<RawPeer> =>
  new RawPeer(await target.open(), initial);

/** The usual end: GOAWAY before the whole flood was taken. */
async function calmed(
  target: Target,
  peer: RawPeer,
  octets: (index: number) => Buffer,
  times: number,
): Promise<RawPeer> {
  const began = performance.now();
  await peer.flood(octets, times);
  const { burst = 0, rate = 0 } = target.bears ?? {};
  // On a slow machine a flood may stay below what is allowed.
  if (burst + (rate * (performance.now() - began)) / 1000 >= times) return peer;
  assert.ok(await peer.until(() => peer.closed), 'the connection is still open');
  assert.ok(peer.goaway === -1 || target.calm.includes(peer.goaway), `GOAWAY ${peer.goaway}`);
  return peer;
}

type Which = keyof Target['paths'];
const block = ({ paths, authority }: Target, which: Which, more: readonly string[] = []): Buffer =>
  request(paths[which], more, authority);
const begin = (target: Target, index: number, which: Which = 'hold'): Buffer =>
  frame(1, 4, index * 2 + 1, block(target, which));
const prefix = (length: number, flag = 0): Buffer => Buffer.concat([Buffer.from([flag]), uint32(length)]);

/** Waits until a call has ended, with an answer or a reset. */
async function ended(target: Target, peer: RawPeer, calls = 1): Promise<void> {
  // An answer before the request has ended is followed by a reset.
  const over = (): number => Math.max(peer.responses, peer.resets.size);
  assert.ok(await peer.until(() => over() >= calls || peer.closed, target.patienceMs), `${over()} calls have ended`);
}

/** A flood of one kind of frame, on a connection that has a stream where the kind needs one. */
function controlFlood(name: string, octets: () => Buffer, first?: (target: Target) => Buffer): Attack {
  return {
    name,
    counter: 'controlFloods',
    async run(target) {
      const peer = await connected(target);
      if (first !== undefined) await peer.send(first(target));
      return calmed(target, peer, octets, target.enough.control);
    },
  };
}

function resetFlood(name: string, second: (id: number) => Buffer): Attack {
  return {
    name,
    counter: 'resetFloods',
    run: async (target) =>
      calmed(
        target,
        await connected(target),
        (i) => Buffer.concat([begin(target, i), second(i * 2 + 1)]),
        target.enough.resets,
      ),
  };
}

/** A connection that comes to a stop, and has to be closed. */
function stalls(name: string, counter: keyof Counters, octets: (target: Target) => Buffer, initial?: Buffer): Attack {
  return {
    name,
    counter,
    async run(target) {
      const peer = await connected(target, initial);
      await peer.send(octets(target));
      assert.ok(await peer.until(() => peer.closed, target.patienceMs), 'the connection is still open');
      return peer;
    },
  };
}

/** A call that comes to a stop or breaks a limit, and has to be ended. */
function hangs(name: string, counter: keyof Counters, octets: (target: Target) => Buffer): Attack {
  return {
    name,
    counter,
    async run(target) {
      const peer = await connected(target);
      await peer.send(octets(target));
      await ended(target, peer);
      return peer;
    },
  };
}

/** Sends a message in frames on a call that declares gzip. */
async function sendGzipped(target: Target, peer: RawPeer, id: number, octets: Buffer): Promise<void> {
  const message = Buffer.concat([prefix(octets.length, 1), octets]);
  await peer.send(frame(1, 4, id, block(target, 'echo', ['grpc-encoding', 'gzip'])));
  for (let at = 0; at < message.length; at += 16_000) {
    const part = message.subarray(at, at + 16_000);
    await peer.send(frame(0, at + part.length === message.length ? 1 : 0, id, part));
  }
}

const endlessCall = (target: Target, i: number): Buffer =>
  Buffer.concat([begin(target, i, 'endless'), frame(0, 1, i * 2 + 1, prefix(0))]);

/** The largest window and then some, so that nothing but the socket holds answers back. */
const openWindows = Buffer.concat([settings([4, 0x7fffffff]), frame(8, 0, 0, uint32(0x7fff0000))]);

export const attacks: readonly Attack[] = [
  resetFlood('rapid reset: requests that are reset at once', (id) => frame(3, 0, id, uint32(8))),
  resetFlood('resets that the server is made to send, by windows that overflow', (id) =>
    frame(8, 0, id, uint32(0x7fffffff)),
  ),
  controlFlood('PING flood', () => frame(6, 0, 0, Buffer.alloc(8))),
  controlFlood('SETTINGS flood', () => settings([4, 65_535])),
  controlFlood('WINDOW_UPDATE flood', () => frame(8, 0, 0, uint32(1))),
  controlFlood('PRIORITY flood', () => frame(2, 0, 1, Buffer.from([0, 0, 0, 0, 1]))),
  controlFlood('flood of frames of an unknown type', () => frame(77, 0, 0, Buffer.alloc(4))),
  controlFlood(
    'empty DATA flood',
    () => frame(0, 0, 1),
    (target) => begin(target, 0, 'sink'),
  ),
  {
    name: 'CONTINUATION flood without an end',
    counter: 'headerBlocksTooLarge',
    async run(target) {
      const peer = await connected(target);
      await peer.send(frame(1, 0, 1, block(target, 'hold')));
      return calmed(target, peer, () => frame(9, 0, 1, Buffer.alloc(1_000, 0x88)), 10_000);
    },
  },
  {
    name: 'metadata of 1 MiB in one block',
    counter: 'headerBlocksTooLarge',
    async run(target) {
      const peer = await connected(target);
      const whole = block(target, 'hold', ['x-big', 'v'.repeat(MEBIBYTE)]);
      await peer.send(frame(1, 0, 1, whole.subarray(0, 16_000)));
      let position = 16_000;
      const next = (): Buffer => {
        const part = whole.subarray(position, position + 16_000);
        position += part.length;
        return frame(9, position >= whole.length ? 4 : 0, 1, part);
      };
      return calmed(target, peer, next, Math.ceil(MEBIBYTE / 16_000));
    },
  },
  {
    name: 'metadata over the limit is refused for its call alone',
    counter: 'headerListsTooLarge',
    async run(target) {
      const peer = await connected(target);
      // Five times: the limits of targets differ, and a block is never so large that the connection has to end.
      for (let i = 0; i < 5; i++) {
        const large = block(target, 'hold', ['x-big', 'v'.repeat(15_000)]);
        await peer.send(frame(1, 5, i * 2 + 1, large.subarray(0, 16_384)));
      }
      await ended(target, peer, 5);
      assert.equal(peer.closed, false);
      return peer;
    },
  },
  {
    name: 'HPACK bomb: one octet refers to four thousand',
    counter: 'headerListsTooLarge',
    async run(target) {
      const peer = await connected(target);
      // Literal with indexing, name "a", a value of 3,900 octets, then index 62 twelve thousand times.
      const value = Buffer.alloc(3_900, 0x61);
      const literal = Buffer.concat([Buffer.from([0x40, 1, 0x61, 0x7f, 0xbd, 0x1d]), value]);
      const bomb = Buffer.concat([block(target, 'hold'), literal, Buffer.alloc(12_000, 0xbe)]);
      for (let i = 0; i < 50; i++) await peer.send(frame(1, 5, i * 2 + 1, bomb));
      await ended(target, peer, 50);
      return peer;
    },
  },
  hangs('half a message, then silence', 'messageTimeouts', (target) =>
    Buffer.concat([begin(target, 0, 'echo'), frame(0, 0, 1, Buffer.concat([prefix(1_000), Buffer.alloc(10)]))]),
  ),
  hangs('a unary request whose message never comes', 'messageTimeouts', (target) => begin(target, 0, 'echo')),
  stalls('half a frame, then silence', 'frameTimeouts', (target) => begin(target, 0, 'echo').subarray(0, 20)),
  stalls('a connection that says nothing', 'settingsTimeouts', () => Buffer.alloc(0), Buffer.alloc(0)),
  {
    name: 'a hundred announcements of the largest message',
    counter: 'messageTimeouts',
    async run(target) {
      const peer = await connected(target);
      const announced = (i: number): Buffer =>
        frame(0, 0, i * 2 + 1, Buffer.concat([prefix(4_194_304), Buffer.alloc(1)]));
      await peer.flood((i) => Buffer.concat([begin(target, i, 'sink'), announced(i)]), 100);
      await ended(target, peer, 100);
      return peer;
    },
  },
  hangs('a message announced over the limit', 'messagesTooLarge', (target) =>
    Buffer.concat([begin(target, 0, 'echo'), frame(0, 0, 1, prefix(0xffffffff))]),
  ),
  {
    name: 'gzip bombs of 100 MiB each, 1000 to 1',
    counter: 'messagesTooLarge',
    async run(target) {
      const bomb = gzipSync(Buffer.alloc(100 * MEBIBYTE));
      const peer = await connected(target);
      for (let i = 0; i < 5; i++) await sendGzipped(target, peer, i * 2 + 1, bomb);
      await ended(target, peer, 5);
      assert.equal(peer.closed, false, `GOAWAY ${peer.goaway}`);
      return peer;
    },
  },
  {
    name: '100,000 streams begun and never ended, on one connection',
    counter: 'refusedStreams',
    many: true,
    async run(target) {
      const peer = await connected(target);
      if (!target.refusesCalls) return calmed(target, peer, (i) => begin(target, i), target.enough.streams);
      // Calls that are answered at once pile up nowhere, and there is nothing to end.
      await peer.flood((i) => begin(target, i), target.enough.streams);
      return peer;
    },
  },
  {
    name: 'as many streams as it takes, on each of a hundred connections at once',
    counter: 'streamsOpened',
    many: true,
    async run(target) {
      const peers: RawPeer[] = [];
      for (let connection = 0; connection < 100; connection++) {
        const peer = await connected(target);
        peers.push(peer);
        await peer.flood((i) => begin(target, i), target.streamsAtOnce);
        assert.ok(await peer.until(() => peer.greeted));
      }
      const open = peers.filter((peer) => !peer.closed && peer.responses === 0 && peer.resets.size === 0).length;
      assert.ok(open === 100 || target.refusesCalls, `${open} of 100 connections kept all their streams`);
      return {
        close() {
          for (const peer of peers) peer.close();
        },
      };
    },
  },
  {
    name: 'a window of nothing: answers that can never be sent',
    counter: 'sendTimeouts',
    async run(target) {
      const { sendPatienceMs } = target;
      const peer = await connected(target, settings([4, 0]));
      await peer.flood((i) => endlessCall(target, i), 100);
      const over = await peer.until(() => peer.resets.size === 100 || peer.closed, sendPatienceMs ?? 5_000);
      assert.ok(over || sendPatienceMs === undefined, `${peer.resets.size} were reset`);
      return peer;
    },
  },
  {
    name: 'answers that are never read',
    counter: 'sendTimeouts',
    async run(target) {
      const peer = await connected(target, openWindows);
      assert.ok(await peer.until(() => peer.greeted));
      peer.socket.pause();
      await peer.flood((i) => endlessCall(target, i), 100);
      // Nothing of the end can be seen from here; it is the target's counters and memory that tell.
      await new Promise((resolve) => setTimeout(resolve, Math.min(10_000, (target.sendPatienceMs ?? 10_000) / 2)));
      return peer;
    },
  },
];

/** The share that runs in every `npm test` on every target: well-known ones that end within moments. */
export const brief: ReadonlySet<string> = new Set([
  'rapid reset: requests that are reset at once',
  'PING flood',
  'SETTINGS flood',
  'empty DATA flood',
  'CONTINUATION flood without an end',
  'metadata of 1 MiB in one block',
  'half a message, then silence',
  'gzip bombs of 100 MiB each, 1000 to 1',
]);
