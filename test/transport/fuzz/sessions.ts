// Legal sessions of both sides as lists of frames: what the fuzzer spoils.
// Written with the raw peer's encoder, so that they stay legal without a live connection.
import { gzipSync } from 'node:zlib';
import { CLIENT_PREFACE } from '#transport/wire/frame.ts';
import { block, frame, request, settings, uint32 } from '../attacks/raw-peer.ts';

const message = (text: string, flag = 0, length?: number): Buffer => {
  const octets = flag === 1 ? gzipSync(text) : Buffer.from(text);
  return Buffer.concat([Buffer.from([flag]), uint32(length ?? octets.length), octets]);
};
const ack = frame(4, 1, 0);
const ping = frame(6, 0, 0, Buffer.from('12345678'));

const unary = (id: number, more: readonly string[] = [], flag = 0): Buffer[] => [
  frame(1, 4, id, request('/f.F/One', more)),
  frame(0, 1, id, message('hello', flag)),
];

const head = request('/f.F/One', ['x-long', 'v'.repeat(300)]);

/** What a client sends. */
export const clientSessions: readonly (readonly Buffer[])[] = [
  [CLIENT_PREFACE, settings(), ack, ...unary(1), ...unary(3, ['grpc-timeout', '5S']), ...unary(5)],
  [CLIENT_PREFACE, settings([1, 100], [3, 10], [4, 1_000], [5, 20_000], [6, 5_000]), ack, ...unary(1), ping],
  [
    ...[CLIENT_PREFACE, settings([4, 10]), ack, frame(1, 4, 1, request('/f.F/Many')), frame(0, 1, 1, message('x'))],
    ...[frame(8, 0, 1, uint32(100)), frame(8, 0, 0, uint32(100)), settings([4, 70_000])],
  ],
  [
    ...[CLIENT_PREFACE, settings(), ack, frame(1, 4, 1, request('/f.F/Chat')), frame(0, 0, 1, message('one'))],
    ...[frame(0, 0, 1, message('two').subarray(0, 6)), frame(0, 0, 1, message('two').subarray(6)), frame(0, 1, 1)],
  ],
  [
    ...[CLIENT_PREFACE, settings(), frame(1, 0, 1, head.subarray(0, 100)), frame(9, 0, 1, head.subarray(100, 200))],
    ...[
      frame(9, 4, 1, head.subarray(200)),
      frame(0, 9, 1, Buffer.concat([Buffer.from([3]), message('p'), Buffer.alloc(3)])),
    ],
  ],
  [
    ...[
      CLIENT_PREFACE,
      settings(),
      ack,
      ...unary(1, ['grpc-encoding', 'gzip'], 1),
      frame(2, 0, 3, Buffer.from([0, 0, 0, 1, 9])),
    ],
    ...[frame(1, 0x2c, 3, Buffer.concat([Buffer.from([1, 0, 0, 0, 1, 9]), request('/f.F/Chat'), Buffer.alloc(1)]))],
    ...[frame(3, 0, 3, uint32(8)), frame(7, 0, 0, Buffer.concat([uint32(0), uint32(0), Buffer.from('bye')]))],
  ],
  [
    ...[CLIENT_PREFACE, settings(), ack, frame(1, 4, 1, request('/f.F/Raw', ['content-length', '5']))],
    ...[frame(0, 0, 1, Buffer.from('hel')), frame(0, 0, 1, Buffer.from('lo')), frame(1, 5, 1, block(['x-tail', 'v']))],
  ],
];

const headers = block([':status', '200', 'content-type', 'application/grpc', 'x-head', 'v']);
const trailers = block(['grpc-status', '0', 'grpc-message', 'fine%20', 'x-tail-bin', 'AAE']);

/** What a server answers to the client's calls on streams 1, 3 (unary) and 5 (stream). */
export const serverSessions: readonly (readonly Buffer[])[] = [
  [settings(), ack, frame(1, 4, 1, headers), frame(0, 0, 1, message('reply')), frame(1, 5, 1, trailers), ping],
  [
    ...[
      settings([3, 50], [4, 100]),
      ack,
      frame(1, 4, 5, headers),
      frame(0, 0, 5, message('a')),
      frame(0, 0, 5, message('b')),
    ],
    ...[
      frame(1, 5, 5, trailers),
      frame(1, 5, 3, block([':status', '200', 'content-type', 'application/grpc', 'grpc-status', '5'])),
    ],
  ],
  [
    ...[settings(), ack, frame(1, 4, 1, block([':status', '103', 'link', 'x'])), frame(1, 4, 1, headers)],
    ...[frame(0, 0, 1, message('half').subarray(0, 7)), frame(3, 0, 1, uint32(2)), frame(3, 0, 3, uint32(7))],
  ],
  [
    ...[
      settings(),
      ack,
      frame(7, 0, 0, Buffer.concat([uint32(3), uint32(0)])),
      frame(1, 5, 1, block([':status', '503'])),
    ],
    ...[frame(1, 0, 3, headers.subarray(0, 10)), frame(9, 4, 3, headers.subarray(10)), frame(1, 5, 3, trailers)],
  ],
  [
    ...[
      settings(),
      ack,
      frame(1, 4, 1, block([':status', '200', 'content-type', 'application/grpc', 'grpc-encoding', 'gzip'])),
    ],
    ...[frame(0, 0, 1, message('squeezed', 1)), frame(1, 5, 1, trailers), frame(8, 0, 5, uint32(50))],
  ],
];
