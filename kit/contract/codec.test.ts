// The compiled codec against protobufjs's own, at the edges of every type, and against bytes that are no message.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { codecIn, DecodeError } from './codec.ts';
import { ContractSource } from './contract-source.ts';
import { JsonError } from './json/message-json.ts';

const source = ContractSource.ofFolder(fileURLToPath(new URL('../server/fixtures', import.meta.url)));
const codec = codecIn(source, 'fixtures.echo.v1.SayRequest');
const reference = source.message('fixtures.echo.v1.SayRequest');

const safe = fc.maxSafeInteger();
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const word = fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed());
const item = fc.record({ name: word, quantity: int32 }, { noNullPrototype: true });
const message = fc.record(
  {
    text: word,
    amount: safe,
    mood: fc.constantFrom('MOOD_UNSPECIFIED', 'MOOD_GLAD'),
    at: fc.date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }),
    items: fc.array(item),
    counts: fc.dictionary(word, int32),
    maybe: int32,
    blob: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    numbers: fc.array(int32),
    left: word,
  },
  { requiredKeys: [], noNullPrototype: true },
);

function varint(...bytes: readonly number[]): Buffer {
  return Buffer.from(bytes);
}

describe('codec', () => {
  it('gives back what was encoded', () => {
    fc.assert(
      fc.property(message, (init) => {
        const { counts, ...decoded } = codec.decode(codec.encode(init)) as Record<string, unknown>;
        const { counts: given, ...expected } = {
          text: '',
          amount: 0,
          mood: 'MOOD_UNSPECIFIED',
          at: null,
          items: [],
          counts: {},
          blob: Buffer.alloc(0),
          numbers: [],
          ...init,
          ...(init.left === undefined ? {} : { choice: 'left' }),
        };
        assert.deepEqual({ ...decoded, blob: Buffer.from(decoded.blob as Buffer) }, expected);
        assert.deepEqual(Object.entries(counts as object).sort(), Object.entries(given).sort());
      }),
    );
  });

  it('writes bytes that protobufjs reads, and reads those that it writes', () => {
    fc.assert(
      fc.property(message, ({ counts: _, at: __, mood: ___, ...init }) => {
        const theirs = reference.decode(codec.encode(init));
        const again = reference.encode(theirs).finish();
        assert.deepEqual(codec.decode(again), codec.decode(codec.encode(init)));
      }),
    );
  });

  it('never throws anything but a DecodeError at bytes of any kind', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          codec.decode(bytes);
        } catch (error) {
          assert.ok(error instanceof DecodeError, String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses a message that was cut at any byte, unless what is left is a message', () => {
    const whole = codec.encode({ text: 'héllo', items: [{ name: 'a', quantity: 300 }], numbers: [1, -2] });
    let refused = 0;
    for (let length = 1; length < whole.length; length++) {
      try {
        codec.decode(whole.subarray(0, length));
      } catch (error) {
        assert.ok(error instanceof DecodeError);
        refused++;
      }
    }
    assert.ok(refused > whole.length / 2);
  });

  const bad: readonly (readonly [what: string, bytes: Buffer, message: RegExp])[] = [
    ['a field with the wrong wire type', varint(0x08, 0x01), /text has wire type 0/],
    ['an integer beyond 2^53-1', varint(0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f), /64-bit integer/],
    ['a varint of eleven bytes', varint(0x10, ...Array<number>(10).fill(0xff), 0x01), /longer than 10 bytes/],
    ['text that is not UTF-8', varint(0x0a, 0x02, 0xc3, 0x28), /UTF-8/],
    ['a length beyond the end', varint(0x0a, 0x7f, 0x41), /ends early/],
    ['a group', varint(0x0b, 0x0c), /wire type 3/],
    ['a time after the year 9999', varint(0x22, 0x07, 0x08, 0x80, 0x80, 0x80, 0xcd, 0xd1, 0x40), /years 1 to 9999/],
  ];
  for (const [what, bytes, expected] of bad) {
    it(`refuses ${what}`, () => assert.throws(() => codec.decode(bytes), expected));
  }

  it('takes text that really holds the replacement character', () => {
    const text = 'a\uFFFDb';
    assert.equal((codec.decode(codec.encode({ text })) as { text: string }).text, text);
  });

  it('passes over fields that it does not know', () => {
    const newer = Buffer.concat([codec.encode({ text: 'x' }), varint(0xf8, 0x07, 0x05, 0xfa, 0x07, 0x01, 0x41)]);
    assert.equal((codec.decode(newer) as { text: string }).text, 'x');
  });

  it('keeps a key named __proto__ an ordinary key', () => {
    const counts = JSON.parse('{"__proto__": 3}') as object;
    const decoded = codec.decode(codec.encode({ counts } as object)) as { counts: object };
    assert.deepEqual(Object.entries(decoded.counts), [['__proto__', 3]]);
    assert.equal(Object.getPrototypeOf(decoded.counts), Object.prototype);
  });

  it('refuses messages that are nested too deeply', () => {
    const nested = codecIn(source, 'fixtures.echo.v1.SayResponse');
    assert.ok(nested.decode(Buffer.alloc(0)));
    let bytes = Buffer.alloc(0);
    const rules = codecIn(
      ContractSource.ofFolder(fileURLToPath(new URL('../validation/fixtures', import.meta.url))),
      'fixtures.rules.v1.Leaf',
    );
    for (let depth = 0; depth < 150; depth++) {
      const length = depth === 0 ? Buffer.from([0]) : lengthOf(bytes.length);
      bytes = Buffer.concat([Buffer.from([0x12]), length, bytes]);
    }
    assert.throws(() => rules.decode(bytes), /nested too deeply/);
  });

  const wrong: readonly (readonly [message: object, text: RegExp])[] = [
    [{ text: 5 }, /SayRequest\.text: expected string, got 5/],
    [{ amount: 1.5 }, /amount: expected int64, got 1\.5/],
    [{ amount: 2 ** 53 }, /amount: expected int64/],
    [{ mood: 'MOOD_SAD' }, /mood: expected one of MOOD_UNSPECIFIED, MOOD_GLAD/],
    [{ at: '2026-01-01' }, /at: expected a Date/],
    [{ items: [null] }, /items: expected an object, got null/],
    [{ items: {} }, /items: expected an array/],
    [{ numbers: [2 ** 31] }, /numbers: expected sint32/],
    [{ left: 'a', right: {} }, /more than one of left, right/],
  ];
  for (const [init, text] of wrong) {
    it(`names the field that does not fit: ${text.source}`, () => {
      assert.throws(() => codec.encode(init), text);
      assert.equal((codec.decode(codec.encode({ text: 'still works' })) as { text: string }).text, 'still works');
    });
  }
});

describe('JSON', () => {
  it('is the protobuf mapping, and comes back as the same message', () => {
    const init = {
      text: 'a',
      amount: 9_007_199_254_740_991,
      mood: 'MOOD_GLAD',
      at: new Date('2026-01-02T03:04:05.678Z'),
      items: [{ name: 'n', quantity: 2 }],
      counts: { k: 1 },
      right: { name: '', quantity: 0 },
      maybe: 0,
      blob: Buffer.from('hi'),
      numbers: [-1],
    };
    const json = codec.toJson(codec.decode(codec.encode(init)));
    assert.deepEqual(JSON.parse(JSON.stringify(json)), {
      text: 'a',
      amount: '9007199254740991',
      mood: 'MOOD_GLAD',
      at: '2026-01-02T03:04:05.678Z',
      items: [{ name: 'n', quantity: 2 }],
      counts: { k: 1 },
      right: {},
      maybe: 0,
      blob: 'aGk=',
      numbers: [-1],
    });
    assert.deepEqual(codec.encode(codec.fromJson(json)), codec.encode(init));
  });

  const refused: readonly (readonly [json: unknown, path: string])[] = [
    [{ nothing: 1 }, 'nothing'],
    [{ items: [{ name: 'a' }, { quantity: 2 ** 31 }] }, 'items[1].quantity'],
    [{ items: [{ quantity: '1.5' }] }, 'items[0].quantity'],
    [{ amount: '9007199254740993' }, 'amount'],
    [{ mood: 'SAD' }, 'mood'],
    [{ at: '2026-02-31T00:00:00' }, 'at'],
    [{ text: 5 }, 'text'],
    [{ blob: '%%' }, 'blob'],
    [{ left: 'a', right: {} }, 'right'],
    [[], ''],
    ['text', ''],
  ];
  for (const [json, path] of refused) {
    it(`names what is wrong: ${JSON.stringify(json)}`, () => {
      assert.throws(
        () => codec.fromJson(json),
        (error) => error instanceof JsonError && error.path === path,
      );
    });
  }
});

function lengthOf(length: number): Buffer {
  return length < 128 ? Buffer.from([length]) : Buffer.from([(length & 127) | 128, length >>> 7]);
}
