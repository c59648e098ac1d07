// Attacks on an edge in front of `test/mesh/edge/http-echo.ts`: WebSockets that are half begun, idle or deaf, and answers that
// nobody reads. None of them is an error; what they may not do is make the edge hold what they do not take.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { closeAll, drip, type HttpAttack } from './http-attacks.ts';
import { RawHttp } from './raw-http.ts';

const handshake = (): string =>
  [
    'GET /socket HTTP/1.1',
    'Host: x',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    '',
  ].join('\r\n');

/** A binary frame of 64 KiB, with a mask that changes nothing. */
const frame = Buffer.concat([Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]), Buffer.alloc(65_536)]);

async function openSockets(port: number, count: number): Promise<RawHttp[]> {
  const peers = Array.from({ length: count }, () => new RawHttp(port));
  for (const peer of peers) await peer.send(`${handshake()}\r\n`);
  for (const peer of peers) {
    assert.ok(await peer.until(() => peer.statuses.length === 1, 20_000), 'no answer to the handshake');
    assert.equal(peer.statuses[0], 101);
  }
  return peers;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export const unreadAttacks: readonly HttpAttack[] = [
  {
    name: '200 WebSockets whose handshakes come octet by octet',
    slow: true,
    run: ({ port }) => drip(port, 200, `${handshake()}X-Slow: `, 'x', 30_000),
  },
  {
    name: '300 WebSockets that say nothing',
    run: async ({ port }) => closeAll(await openSockets(port, 300)),
  },
  {
    name: '20 WebSockets that send 32 MiB each and read nothing of the echo',
    memoryMiB: 128,
    async run({ port }) {
      const peers = await openSockets(port, 20);
      for (const { socket } of peers) {
        socket.pause();
        for (let sent = 0; sent < 512; sent++) socket.write(frame);
      }
      await pause(3_000);
      const blocked = peers.filter(({ socket }) => socket.writableLength > 0).length;
      assert.equal(blocked, peers.length, 'a sender that does not read was not held back');
      return closeAll(peers);
    },
  },
  {
    name: '200 answers of 64 MiB that are never read',
    // A window of 256 KiB for each, and what its socket holds.
    memoryMiB: 256,
    async run({ port }) {
      const peers = Array.from({ length: 200 }, () => new RawHttp(port));
      for (const peer of peers) {
        peer.socket.pause();
        await peer.send('GET /large HTTP/1.1\r\nHost: x\r\n\r\n');
      }
      await pause(3_000);
      return closeAll(peers);
    },
  },
];
