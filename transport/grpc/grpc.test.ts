// The pure parts of gRPC: timeouts, percent encoding, binary metadata, status maps, messages, compression.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { ErrorCode } from '../wire/frame.ts';
import { decodeBinary, encodeBinary } from './binary-metadata.ts';
import { DecompressionError, decompress } from './compression.ts';
import { MessageError, MessageReader } from './message-reader.ts';
import { percentDecode, percentEncode } from './percent.ts';
import { Status, statusFromHttp, statusFromReset } from './status.ts';
import { formatTimeout, parseTimeout } from './timeout.ts';

test('timeouts are read in every unit and refused in every other form', () => {
  assert.deepEqual(
    ['1H', '2M', '3S', '4m', '5u', '6n', '99999999m'].map(parseTimeout),
    [3_600_000, 120_000, 3_000, 4, 0.005, 0.000006, 99_999_999],
  );
  for (const bad of ['', 'S', '1', '-1S', '1.5S', '1s', '123456789S', '1 S', '١S']) {
    assert.equal(parseTimeout(bad), undefined, bad);
  }
});

test('a timeout is never shortened on the wire and keeps to eight digits', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.001, max: 1e14, noNaN: true }), (milliseconds) => {
      const text = formatTimeout(milliseconds);
      assert.match(text, /^[0-9]{1,8}[HMSmun]$/);
      const read = parseTimeout(text) ?? 0;
      assert.ok(read >= milliseconds * 0.999_999, `${text} for ${milliseconds}`);
      assert.ok(read <= milliseconds * 2 + 1, `${text} for ${milliseconds}`);
    }),
  );
  assert.equal(formatTimeout(0), '1n');
});

test('grpc-message carries any text, and only printable ASCII on the wire', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const wire = percentEncode(text);
      assert.match(wire, /^[ -~]*$/);
      assert.equal(percentDecode(wire), text);
    }),
  );
  assert.equal(percentEncode('\t☺%'), '%09%E2%98%BA%25');
  assert.equal(percentDecode('100% sure %zz %4'), '100% sure %zz %4');
});

test('binary metadata is sent unpadded and read in both forms, several in a field', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (octets) => {
      const wire = encodeBinary(octets);
      assert.ok(!wire.includes('='));
      assert.deepEqual(decodeBinary(wire)[0], Buffer.from(octets));
    }),
  );
  assert.deepEqual(
    decodeBinary('AAE=, AAI').map((part) => [...part]),
    [
      [0, 1],
      [0, 2],
    ],
  );
});

test('HTTP statuses and resets map as gRPC says', () => {
  assert.deepEqual(
    [400, 401, 403, 404, 429, 502, 503, 504, 500, 200].map(statusFromHttp),
    [13, 16, 7, 12, 14, 14, 14, 14, 2, 2],
  );
  assert.equal(statusFromReset(ErrorCode.REFUSED_STREAM), Status.UNAVAILABLE);
  assert.equal(statusFromReset(ErrorCode.CANCEL), Status.CANCELLED);
  assert.equal(statusFromReset(ErrorCode.ENHANCE_YOUR_CALM), Status.RESOURCE_EXHAUSTED);
  assert.equal(statusFromReset(ErrorCode.INADEQUATE_SECURITY), Status.PERMISSION_DENIED);
  assert.equal(statusFromReset(ErrorCode.PROTOCOL_ERROR), Status.INTERNAL);
});

const frame = (octets: Uint8Array, flag = 0): Buffer => {
  const prefix = Buffer.alloc(5);
  prefix[0] = flag;
  prefix.writeUInt32BE(octets.length, 1);
  return Buffer.concat([prefix, octets]);
};

test('messages survive any cut', () => {
  const cuts = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 20 });
  const messages = fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 8 });
  fc.assert(
    fc.property(messages, cuts, (list, sizes) => {
      const bytes = Buffer.concat(list.map((octets) => frame(octets)));
      const got: Buffer[] = [];
      const reader = new MessageReader(100);
      let position = 0;
      for (let i = 0; position < bytes.length; i++) {
        const next = Math.min(bytes.length, position + (sizes[i % sizes.length] ?? 1));
        reader.push(bytes, position, next, { onWhole: (message) => got.push(Buffer.from(message)) });
        position = next;
      }
      assert.deepEqual(
        got,
        list.map((octets) => Buffer.from(octets)),
      );
      assert.equal(reader.partial, false);
    }),
  );
});

test('the size is checked with the prefix, and memory follows what has arrived', () => {
  const sink = { onWhole: () => assert.fail('no message is whole') };
  assert.throws(
    () => new MessageReader(10).push(Buffer.from([0, 0, 0, 0, 11]), 0, 5, sink),
    (error) => error instanceof MessageError && error.reason === 'too-large',
  );
  assert.throws(
    () => new MessageReader(10).push(Buffer.from([2, 0, 0, 0, 1]), 0, 5, sink),
    (error) => error instanceof MessageError && error.reason === 'flag',
  );
  const before = process.memoryUsage().arrayBuffers;
  const readers = Array.from({ length: 100 }, () => new MessageReader(1 << 30));
  for (const reader of readers) reader.push(Buffer.from([0, 0x3f, 0xff, 0xff, 0xff, 1]), 0, 6, sink);
  // A hundred announcements of a gigabyte: at most the first allocation each.
  assert.ok(process.memoryUsage().arrayBuffers - before < 100 * 1024 * 1024);
  assert.equal(readers[0]?.held, 6);
});

test('a gzip bomb stops at the bound', () => {
  const bomb = gzipSync(Buffer.alloc(20 * 1024 * 1024));
  assert.ok(bomb.length < 25_000);
  assert.throws(
    () => decompress('gzip', bomb, 4 * 1024 * 1024),
    (error) => error instanceof DecompressionError && error.reason === 'too-large',
  );
  assert.throws(
    () => decompress('gzip', Buffer.from('not gzip'), 100),
    (error) => error instanceof DecompressionError && error.reason === 'damaged',
  );
  assert.equal(decompress('gzip', gzipSync('plain'), 5).toString(), 'plain');
});
