// RFC 7541 appendix C as vectors, then round trips of random lists and a check against a hand-kept table size.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HpackDecoder, HpackError } from './decoder.ts';
import { HpackEncoder } from './encoder.ts';
import { HeaderTemplate } from './header-template.ts';
import { huffmanDecode, huffmanEncode, huffmanLength } from './huffman.ts';

const decodeHex = (decoder: HpackDecoder, hex: string) => {
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  return decoder.decode(bytes, 0, bytes.length);
};

const REQUESTS: [string, string, string[], number][] = [
  ['828684410f7777772e6578616d706c652e636f6d', '828684418cf1e3c2e5f23a6ba0ab90f4ff', [], 57],
  ['828684be58086e6f2d6361636865', '828684be5886a8eb10649cbf', ['cache-control', 'no-cache'], 110],
  [
    '828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565',
    '828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf',
    ['custom-key', 'custom-value'],
    164,
  ],
];

for (const [form, column] of [
  ['plain', 0],
  ['Huffman', 1],
] as const) {
  test(`decodes the requests of appendix C in ${form} form`, () => {
    const decoder = new HpackDecoder(4096, 8192);
    for (const [round, row] of REQUESTS.entries()) {
      const last = round === 2;
      const expected = [
        ':method',
        'GET',
        ':scheme',
        last ? 'https' : 'http',
        ':path',
        last ? '/index.html' : '/',
        ':authority',
        'www.example.com',
        ...row[2],
      ];
      assert.deepEqual(decodeHex(decoder, row[column]), expected);
      assert.equal(decoder.tableSize, row[3]);
    }
  });
}

const DATES = ['Mon, 21 Oct 2013 20:13:21 GMT', 'Mon, 21 Oct 2013 20:13:22 GMT'];
const COOKIE = 'foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1';
const RESPONSES: [string, string, string[], number][] = [
  [
    '4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e1768747470733a2f2f7777772e6578616d706c652e636f6d',
    '488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3',
    [':status', '302', 'cache-control', 'private', 'date', DATES[0] ?? '', 'location', 'https://www.example.com'],
    222,
  ],
  [
    '4803333037c1c0bf',
    '4883640effc1c0bf',
    [':status', '307', 'cache-control', 'private', 'date', DATES[0] ?? '', 'location', 'https://www.example.com'],
    222,
  ],
  [
    '88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31',
    '88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007',
    [
      ':status',
      '200',
      'cache-control',
      'private',
      'date',
      DATES[1] ?? '',
      'location',
      'https://www.example.com',
      'content-encoding',
      'gzip',
      'set-cookie',
      COOKIE,
    ],
    215,
  ],
];

for (const [form, column] of [
  ['plain', 0],
  ['Huffman', 1],
] as const) {
  test(`decodes the responses of appendix C in ${form} form, evicting at 256 octets`, () => {
    const decoder = new HpackDecoder(256, 8192);
    for (const row of RESPONSES) {
      assert.deepEqual(decodeHex(decoder, row[column]), row[2]);
      assert.equal(decoder.tableSize, row[3]);
    }
  });
}

test('decodes the single literals of appendix C.2', () => {
  const decoder = new HpackDecoder(4096, 8192);
  assert.deepEqual(decodeHex(decoder, '400a637573746f6d2d6b65790d637573746f6d2d686561646572'), [
    'custom-key',
    'custom-header',
  ]);
  assert.equal(decoder.tableSize, 55);
  assert.deepEqual(decodeHex(decoder, '040c2f73616d706c652f70617468'), [':path', '/sample/path']);
  assert.deepEqual(decodeHex(decoder, '100870617373776f726406736563726574'), ['password', 'secret']);
  assert.deepEqual(decoder.neverIndexed, ['password']);
});

const REFUSED: Record<string, string> = {
  'index 0': '80',
  'an index beyond the table': 'be',
  'a name index beyond the table': '7f00 0161',
  'an integer cut short': 'ff',
  'an integer of seven octets': 'ffffffffffffff7f',
  'a string longer than the block': '400561',
  'Huffman padding with a zero bit': '4081 18 0161',
  'Huffman padding of eight bits': '40821fff0161',
  'a size update after a field': '8220',
  'a size update over the setting': '3fe23f',
};
for (const [what, hex] of Object.entries(REFUSED)) {
  test(`refuses ${what}`, () => {
    assert.throws(() => decodeHex(new HpackDecoder(4096, 8192), hex), HpackError);
  });
}

test('a field list over its bound is marked and cut, and the table stays in step', () => {
  const encoder = new HpackEncoder(4096);
  const decoder = new HpackDecoder(4096, 200);
  encoder.begin();
  encoder.list(['a', 'x'.repeat(100), 'b', 'y'.repeat(100), 'c', 'z']);
  const headers = decoder.decode(encoder.buffer, 0, encoder.length);
  assert.equal(decoder.tooLarge, true);
  assert.deepEqual(headers, ['a', 'x'.repeat(100)]);
  encoder.begin();
  encoder.field('c', 'z');
  assert.deepEqual(decoder.decode(encoder.buffer, 0, encoder.length), ['c', 'z']);
  assert.equal(decoder.tooLarge, false);
});

test('marks illegal names and values, also when they come from the table', () => {
  const decoder = new HpackDecoder(4096, 8192);
  decodeHex(decoder, '40 01 41 01 61');
  assert.equal(decoder.malformed, true);
  decodeHex(decoder, 'be');
  assert.equal(decoder.malformed, true);
  decodeHex(decoder, '40 01 61 03 62 0a 63');
  assert.equal(decoder.malformed, true);
  decodeHex(decoder, '40 01 61 01 62');
  assert.equal(decoder.malformed, false);
});

test('credentials are never indexed, and the mark reaches the other side', () => {
  const encoder = new HpackEncoder(4096);
  const decoder = new HpackDecoder(4096, 8192);
  for (let round = 0; round < 3; round++) {
    encoder.begin();
    encoder.field('authorization', 'Bearer abc');
    assert.deepEqual(decoder.decode(encoder.buffer, 0, encoder.length), ['authorization', 'Bearer abc']);
    assert.deepEqual(decoder.neverIndexed, ['authorization']);
  }
  assert.equal(encoder.tableSize, 0);
});

test('a template settles to a copy of one octet a field', () => {
  const encoder = new HpackEncoder(4096);
  const decoder = new HpackDecoder(4096, 8192);
  const fields = [':method', 'POST', ':scheme', 'http', ':path', '/a.B/C', 'te', 'trailers'];
  const template = new HeaderTemplate(fields);
  for (let round = 0; round < 4; round++) {
    encoder.begin();
    encoder.template(template);
    encoder.field('grpc-timeout', `${round}S`);
    assert.deepEqual(decoder.decode(encoder.buffer, 0, encoder.length), [...fields, 'grpc-timeout', `${round}S`]);
    if (round > 1) assert.ok(encoder.length < 12, `block of ${encoder.length} octets`);
  }
});

test('random lists survive the journey, with table sizes that change on the way', () => {
  const name = fc.stringMatching(/^[a-z0-9-]{1,12}$/);
  const value = fc.stringMatching(/^[!-~\x80-\xff]{0,40}$/);
  const block = fc.record({ fields: fc.array(fc.tuple(name, value), { maxLength: 12 }), resize: fc.nat(600) });
  fc.assert(
    fc.property(fc.array(block, { maxLength: 20 }), (blocks) => {
      const encoder = new HpackEncoder(4096);
      const decoder = new HpackDecoder(4096, 65536);
      for (const { fields, resize } of blocks) {
        if (resize % 3 === 0) encoder.limitTable(resize);
        const repeated = new HeaderTemplate(fields.slice(0, 3).flat());
        encoder.begin();
        encoder.template(repeated);
        encoder.list(fields.flat());
        const expected = [...repeated.fields, ...fields.flat()];
        assert.deepEqual(decoder.decode(encoder.buffer, 0, encoder.length), expected);
        assert.equal(decoder.tableSize, encoder.tableSize);
      }
    }),
    { numRuns: 200 },
  );
});

test('Huffman round trips every octet, in the length that was announced', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
      const text = Buffer.from(octets).toString('latin1');
      const out = Buffer.alloc(huffmanLength(text) + 1);
      const end = huffmanEncode(text, out, 0);
      assert.equal(end, huffmanLength(text));
      assert.equal(huffmanDecode(out, 0, end), text);
    }),
  );
});

test('a credential that repeats is the same text each time, and one that differs in a character is not', () => {
  const encoder = new HpackEncoder(4096);
  const decoder = new HpackDecoder(4096, 65_536);
  const send = (value: string): string | undefined => {
    encoder.begin();
    encoder.list([':path', '/', 'authorization', value, 'x-after', 'still read']);
    const headers = decoder.decode(encoder.buffer, 0, encoder.length);
    assert.deepEqual(decoder.neverIndexed, ['authorization']);
    assert.equal(headers[5], 'still read');
    return headers[3];
  };
  // More of them than are remembered, of equal and of different lengths, so that each is both remembered and forgotten.
  const tokens = Array.from({ length: 6 }, (_, index) => `Bearer ${'x'.repeat(300)}${index}`);
  const values = [...tokens, ...tokens, 'Bearer short', `Bearer ${'y'.repeat(9_000)}`, ...tokens.map((t) => `${t}y`)];
  for (let round = 0; round < 3; round++) for (const value of values) assert.equal(send(value), value);
});
