// Frames written by `FrameOutput` and read back in pieces of every size.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConnectionError, DATA, ErrorCode, HEADERS, PING, SETTINGS } from './frame.ts';
import { FrameOutput } from './frame-output.ts';
import { FrameReader } from './frame-reader.ts';

const collect = () => {
  const seen: [number, number, number, string][] = [];
  const reader = new FrameReader({
    onFrame: (type, flags, id, bytes, start, end) => {
      seen.push([type, flags, id, bytes.toString('latin1', start, end)]);
    },
  });
  return { seen, reader };
};

const taken = (output: FrameOutput): Buffer => {
  const parts: Uint8Array[] = [];
  output.take(parts);
  return Buffer.concat(parts);
};

test('frames survive any cut of the byte stream', () => {
  const output = new FrameOutput();
  output.settings([[4, 65_535]]);
  output.data(1, false, 0, Buffer.from('hello'), 0, 5);
  output.data(3, true, -1, Buffer.from('world!'), 1, 5);
  output.ping(true, Buffer.from('12345678'));
  output.windowUpdate(0, 77);
  output.reset(0x7fffffff, ErrorCode.CANCEL);
  output.goaway(9, ErrorCode.NO_ERROR, 'bye');
  const bytes = taken(output);
  const whole = collect();
  whole.reader.push(bytes);
  assert.equal(whole.seen.length, 7);
  assert.deepEqual(whole.seen[1], [DATA, 0, 1, '\0\0\0\0\x05hello']);
  assert.deepEqual(whole.seen[2], [DATA, 1, 3, 'orld']);
  assert.deepEqual(whole.seen[3], [PING, 1, 0, '12345678']);
  assert.equal(whole.seen[5]?.[2], 0x7fffffff);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 60 }), (sizes) => {
      const { seen, reader } = collect();
      let position = 0;
      for (let i = 0; position < bytes.length; i++) {
        const size = sizes[i % sizes.length] ?? 1;
        reader.push(bytes.subarray(position, position + size));
        position += size;
      }
      assert.deepEqual(seen, whole.seen);
      assert.equal(reader.held, 0);
    }),
  );
});

test('a long header block becomes HEADERS and CONTINUATION, ended once', () => {
  const output = new FrameOutput();
  output.headers(5, true, Buffer.alloc(40, 'h'), 40, 16);
  const { seen, reader } = collect();
  reader.push(taken(output));
  assert.deepEqual(
    seen.map(([type, flags, id, text]) => [type, flags, id, text.length]),
    [
      [HEADERS, 1, 5, 16],
      [9, 0, 5, 16],
      [9, 4, 5, 8],
    ],
  );
});

test('a frame over the limit is refused with its header, before its payload', () => {
  const { reader } = collect();
  assert.throws(
    () => reader.push(Buffer.from([0xff, 0xff, 0xff, SETTINGS, 0, 0, 0, 0, 0])),
    (error) => error instanceof ConnectionError && error.code === ErrorCode.FRAME_SIZE_ERROR,
  );
});

test('the output gives its octets once and can be reused', () => {
  const output = new FrameOutput();
  const expected: string[] = [];
  for (let round = 0; round < 50; round++) {
    const text = String(round).repeat(round * 10 + 1);
    output.data(1, false, -1, Buffer.from(text), 0, text.length);
    expected.push(text);
    const { seen, reader } = collect();
    reader.push(taken(output));
    assert.equal(seen[0]?.[3], expected[round]);
    output.reuse();
  }
});
