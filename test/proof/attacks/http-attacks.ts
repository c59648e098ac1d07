// Attacks on a server of HTTP/1.1: slow ones, large ones, and requests that two readers would read in two ways. What is refused
// is refused with a status and the end of the connection, and what was hidden behind it is never served.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { RawHttp } from './raw-http.ts';

/** What is attacked. */
export interface HttpTarget {
  readonly port: number;
  /** A proxy of another's answers: it may lose one that ends its connection while the request is still on its way. @default false */
  readonly proxy?: boolean;
  /** Ids that its catalog was asked for, so far. */
  asked(): Promise<readonly string[]>;
}

/** One attack. */
export interface HttpAttack {
  readonly name: string;
  /** It ends by a timeout of ten seconds and more. @default false */
  readonly slow?: boolean;
  /** How much more resident memory it may take at its height, in MiB. @default - what any may */
  readonly memoryMiB?: number;
  /** Runs it, and rejects when it did not come to its end. */
  run(target: HttpTarget): Promise<{ close(): void } | undefined>;
}

const get = (id: string, ...headers: readonly string[]): string =>
  [`GET /api/v2/products/${id} HTTP/1.1`, 'Host: x', ...headers, '', ''].join('\r\n');
const post = (...headers: readonly string[]): string =>
  ['POST /api/v2/users:login HTTP/1.1', 'Host: x', 'Content-Type: application/json', ...headers, '', ''].join('\r\n');

export const closeAll = (peers: readonly RawHttp[]) => ({
  close() {
    for (const peer of peers) peer.close();
  },
});

/** Opens connections that send one octet a second, and waits for all of them to be closed. */
export async function drip(port: number, count: number, first: string, octet: string, limitMs: number) {
  const peers = Array.from({ length: count }, () => new RawHttp(port));
  for (const peer of peers) await peer.send(first);
  const timer = setInterval(() => {
    for (const peer of peers) if (!peer.closed && octet !== '') peer.socket.write(octet);
  }, 1_000);
  const end = performance.now() + limitMs;
  while (peers.some((peer) => !peer.closed) && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  clearInterval(timer);
  const open = peers.filter((peer) => !peer.closed).length;
  assert.equal(open, 0, `${open} of ${count} connections are still open after ${limitMs / 1000} s`);
  return closeAll(peers);
}

/** Sends octets that have to be refused: with one of the statuses, and by closing. */
async function refused(port: number, octets: string | Buffer, ...statuses: readonly number[]): Promise<void> {
  const peer = new RawHttp(port);
  await peer.send(octets);
  assert.ok(await peer.until(() => peer.closed), `the connection is still open after ${peer.text.slice(0, 100)}`);
  const [first] = peer.statuses;
  assert.ok(first !== undefined && statuses.includes(first), `answered ${first}, not ${statuses.join(' or ')}`);
  assert.equal(peer.statuses.length, 1, `${peer.statuses.length} answers`);
  peer.close();
}

/** A request in whose body, or behind it, another one hides; `make` writes it around the hidden one. */
function smuggle(name: string, make: (hidden: string) => string, ...statuses: readonly number[]): HttpAttack {
  return {
    name: `smuggling: ${name}`,
    async run({ port, asked }) {
      const id = randomUUID();
      await refused(port, make(get(id)), ...(statuses.length > 0 ? statuses : [400]));
      assert.ok(!(await asked()).includes(id), 'the hidden request was served');
      return undefined;
    },
  };
}

/** A request that has to be refused as it is. */
function malformed(name: string, octets: string | Buffer, ...statuses: readonly number[]): HttpAttack {
  return {
    name,
    async run({ port, proxy = false }) {
      const lost = proxy && statuses.includes(413) ? [503] : [];
      await refused(port, octets, ...statuses, ...lost);
      return undefined;
    },
  };
}

const large = 'x'.repeat(1024 * 1024);

export const httpAttacks: readonly HttpAttack[] = [
  {
    name: 'slowloris: 500 heads that come octet by octet',
    slow: true,
    run: ({ port }) => drip(port, 500, 'GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ', 'x', 30_000),
  },
  {
    name: 'slow bodies: 200 that come octet by octet',
    slow: true,
    run: ({ port }) => drip(port, 200, post('Content-Length: 1000'), ' ', 30_000),
  },
  {
    name: 'slow chunks: 200 bodies of one octet a chunk',
    slow: true,
    run: ({ port }) => drip(port, 200, post('Transfer-Encoding: chunked'), '1\r\n \r\n', 30_000),
  },
  {
    name: '500 connections that say nothing',
    slow: true,
    run: ({ port }) => drip(port, 500, '', '', 15_000),
  },
  {
    name: 'pipelining: a hundred requests at once are answered one after the other',
    async run({ port }) {
      const peer = new RawHttp(port);
      await peer.send(Array.from({ length: 100 }, () => get(randomUUID())).join(''));
      assert.ok(await peer.until(() => peer.statuses.length === 100, 30_000), `${peer.statuses.length} answers`);
      assert.ok(peer.statuses.every((status) => status === 200));
      return peer;
    },
  },
  {
    name: 'pipelining: 100,000 requests whose answers are never read',
    memoryMiB: 96,
    async run({ port }) {
      const peers = Array.from({ length: 10 }, () => new RawHttp(port));
      const batch = Array.from({ length: 1_000 }, () => get(randomUUID())).join('');
      for (const peer of peers) {
        peer.socket.pause();
        for (let sent = 0; sent < 10 && (await peer.send(batch)); sent++);
        peer.socket.resume();
        assert.ok(await peer.until(() => peer.closed), 'the connection is still open');
        assert.ok(peer.statuses.length <= 1_000, `${peer.statuses.length} were answered`);
      }
      return closeAll(peers);
    },
  },
  {
    name: '2,000 requests that are cut off as soon as they are sent',
    async run({ port }) {
      for (let batch = 0; batch < 20; batch++) {
        const peers = Array.from({ length: 100 }, () => new RawHttp(port));
        for (const peer of peers) await peer.send(get(randomUUID()));
        for (const peer of peers) peer.close();
      }
      return undefined;
    },
  },
  malformed('a head of 64 KiB', get(randomUUID(), `X-Large: ${large.slice(0, 65_536)}`), 431),
  malformed('a head of 1 MiB', get(randomUUID(), `X-Large: ${large}`), 431),
  malformed('two hundred headers', get(randomUUID(), ...Array.from({ length: 200 }, (_, i) => `X-${i}: x`)), 431),
  malformed('a path of 64 KiB', get(large.slice(0, 65_536)), 431, 414),
  malformed('a body announced over the limit', post('Content-Length: 1073741824'), 413),
  malformed(
    'a body in chunks over the limit',
    `${post('Transfer-Encoding: chunked')}200000\r\n${large}${large}\r\n`,
    413,
  ),
  {
    name: 'a gzip bomb of 100 MiB is not inflated',
    async run({ port }) {
      const bomb = gzipSync(Buffer.alloc(100 * 1024 * 1024));
      const peer = new RawHttp(port);
      await peer.send(post('Content-Encoding: gzip', `Content-Length: ${bomb.length}`));
      await peer.send(bomb);
      assert.ok(await peer.until(() => peer.statuses.length === 1), 'no answer');
      assert.ok([400, 415].includes(peer.statuses[0] ?? 0), `answered ${peer.statuses[0]}`);
      return peer;
    },
  },
  smuggle(
    'length and chunks (CL.TE)',
    (hidden) => `${post(`Content-Length: ${5 + hidden.length}`, 'Transfer-Encoding: chunked')}0\r\n\r\n${hidden}`,
  ),
  smuggle(
    'chunks and length (TE.CL)',
    (hidden) =>
      `${post('Transfer-Encoding: chunked', 'Content-Length: 4')}${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`,
  ),
  smuggle('two lengths', (hidden) => `${post('Content-Length: 0', `Content-Length: ${hidden.length}`)}${hidden}`),
  smuggle('two lengths in one field', (hidden) => `${post(`Content-Length: 0, ${hidden.length}`)}${hidden}`),
  smuggle('a length with a sign', (hidden) => `${post('Content-Length: +0')}${hidden}`),
  smuggle('a length in hexadecimal', (hidden) => `${post('Content-Length: 0x0')}${hidden}`),
  smuggle('a length that is negative', (hidden) => `${post('Content-Length: -1')}${hidden}`),
  smuggle(
    'an encoding that is nearly chunked',
    (hidden) => `${post('Transfer-Encoding: xchunked')}0\r\n\r\n${hidden}`,
    400,
    501,
  ),
  smuggle('an encoding after chunked', (hidden) => `${post('Transfer-Encoding: chunked, identity')}0\r\n\r\n${hidden}`),
  smuggle(
    'two encodings, the second unknown',
    (hidden) => `${post('Transfer-Encoding: chunked', 'Transfer-Encoding: cow')}0\r\n\r\n${hidden}`,
  ),
  smuggle(
    'white space before the colon',
    (hidden) => `${post(`Content-Length: ${5 + hidden.length}`, 'Transfer-Encoding : chunked')}0\r\n\r\n${hidden}`,
  ),
  smuggle(
    'a folded field (obs-fold)',
    (hidden) => `${post(`Content-Length: ${5 + hidden.length}`, 'Transfer-Encoding:\r\n chunked')}0\r\n\r\n${hidden}`,
  ),
  smuggle(
    'a field name that is none',
    (hidden) => `${post('Content-Length: 0', '\x0bTransfer-Encoding: chunked')}${hidden}`,
  ),
  smuggle(
    'a bare CR that hides a field',
    (hidden) => `${post('X-A: b\rTransfer-Encoding: chunked', 'Content-Length: 0')}${hidden}`,
  ),
  smuggle('a bare LF as the end of a line', (hidden) => `${post('X-A: b\nContent-Length: 0')}${hidden}`),
  smuggle('a NUL in a field', (hidden) => `${post('X-A: b\0c', 'Content-Length: 0')}${hidden}`),
  smuggle('a chunk whose size is no number', (hidden) => `${post('Transfer-Encoding: chunked')}ZZ\r\n${hidden}`),
  smuggle(
    'a chunk whose size overflows',
    (hidden) => `${post('Transfer-Encoding: chunked')}fffffffffffffffff1\r\n${hidden}`,
    400,
    413,
  ),
  smuggle('a chunk that goes on behind its end', (hidden) => `${post('Transfer-Encoding: chunked')}2\r\n{}xx${hidden}`),
  smuggle('a chunk line that ends with LF alone', (hidden) => `${post('Transfer-Encoding: chunked')}0\n\n${hidden}`),
  smuggle(
    'chunk extensions without end',
    (hidden) => `${post('Transfer-Encoding: chunked')}1;${large.slice(0, 65_536)}\r\n \r\n0\r\n\r\n${hidden}`,
    400,
    413,
    431,
  ),
  malformed('no Host', 'GET / HTTP/1.1\r\n\r\n', 400),
  malformed('two Hosts', 'GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n', 400),
  malformed('HTTP/2 where HTTP/1.1 is spoken', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 505),
  malformed('TLS where there is none', Buffer.from('16030100c8010000c40303'.padEnd(400, '0'), 'hex'), 400),
];
