// What each rule of buf.validate accepts and refuses, with the path and the rule id that a caller is told.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { codecIn } from '../contract/codec.ts';
import { ContractSource } from '../contract/contract-source.ts';
import { UnsupportedRuleError, unsupportedRules, validatorOf } from './validator.ts';

const source = ContractSource.ofFolder(fileURLToPath(new URL('./fixtures', import.meta.url)));

/** Violations of a message as `path: rule`, after a trip over the wire. */
function broken(type: string, message: object): string[] {
  const codec = codecIn(source, `fixtures.rules.v1.${type}`);
  const validate = validatorOf(codec.name, source);
  assert.ok(validate !== undefined, `${type} has no rules`);
  const violations = validate(codec.decode(codec.encode(message))) ?? [];
  return violations.map(({ field, reason }) => `${field}: ${reason}`);
}

/** Violations of one field, the others being as they are by default. */
function rulesBroken(type: string, field: string, path: string, value: unknown): string[] {
  return broken(type, { [field]: value })
    .filter((violation) => violation.startsWith(`${path}: `))
    .map((violation) => violation.slice(path.length + 2));
}

type Row = readonly [
  field: string,
  good: readonly unknown[],
  bad: readonly (readonly [value: unknown, rule: string])[],
];

function table(type: string, rows: readonly Row[]): void {
  for (const [field, good, bad] of rows) {
    const path = field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    it(`${type}.${path}`, () => {
      for (const value of good) assert.deepEqual(rulesBroken(type, field, path, value), [], `refused ${String(value)}`);
      for (const [value, rule] of bad)
        assert.deepEqual(rulesBroken(type, field, path, value), [rule], `took ${String(value)}`);
    });
  }
}

describe('strings', () => {
  table('Texts', [
    ['required', ['x'], [['', 'required']]],
    [
      'length',
      ['ab', 'abcd', '😀😀😀😀'],
      [
        ['a', 'string.min_len'],
        ['abcde', 'string.max_len'],
        ['😀', 'string.min_len'],
      ],
    ],
    ['exact', ['abc', 'a😀c'], [['ab', 'string.len']]],
    [
      'bytes',
      ['ab', 'é'],
      [
        ['a', 'string.min_bytes'],
        ['ééé', 'string.max_bytes'],
      ],
    ],
    [
      'pattern',
      ['a', 'a-b-c'],
      [
        ['', 'string.pattern'],
        ['a--b', 'string.pattern'],
        ['a\n', 'string.pattern'],
      ],
    ],
    ['prefix', ['abc'], [['ba', 'string.prefix']]],
    ['suffix', ['xyz'], [['zy', 'string.suffix']]],
    ['contains', ['amidst'], [['', 'string.contains']]],
    ['notContains', ['', 'good'], [['a bad one', 'string.not_contains']]],
    ['in', ['x', 'y'], [['z', 'string.in']]],
    ['notIn', ['z'], [['x', 'string.not_in']]],
    ['const', ['only'], [['other', 'string.const']]],
    [
      'email',
      ['a.b+c@example.org', 'x@localhost'],
      [
        ['@x', 'string.email'],
        ['a@b@', 'string.email'],
        ['a b@c', 'string.email'],
        ['a@-b', 'string.email'],
      ],
    ],
    [
      'hostname',
      ['example.org', 'a-b.c', 'x'],
      [
        ['', 'string.hostname'],
        ['-a', 'string.hostname'],
        ['a..b', 'string.hostname'],
        ['1.2.3.4', 'string.hostname'],
        ['a'.repeat(64), 'string.hostname'],
      ],
    ],
    ['ip', ['127.0.0.1', '::1'], [['1.2.3', 'string.ip']]],
    ['ipv4', ['127.0.0.1'], [['::1', 'string.ipv4']]],
    ['ipv6', ['fe80::1'], [['127.0.0.1', 'string.ipv6']]],
    [
      'uri',
      ['https://a.b/c?d#e', 'urn:x:y'],
      [
        ['/relative', 'string.uri'],
        ['http://a b', 'string.uri'],
        ['http://a/%zz', 'string.uri'],
      ],
    ],
    ['uriRef', ['/relative?x', '', 'https://a'], [['a b', 'string.uri_ref']]],
    ['address', ['127.0.0.1', 'example.org'], [['a_b', 'string.address']]],
    [
      'uuid',
      ['01a1fc5a-28da-731c-b56a-4bb5241d4ce8'],
      [
        ['01a1fc5a28da731cb56a4bb5241d4ce8', 'string.uuid'],
        ['', 'string.uuid'],
      ],
    ],
    ['lenient', [''], [['x', 'string.uuid']]],
    ['unchecked', ['', 'x'], []],
  ]);

  it('hold no U+0000, which no text column can store', () => {
    assert.deepEqual(
      broken('Texts', { length: 'a\0b' }).filter((violation) => violation.startsWith('length: ')),
      ['length: string.no_nul'],
    );
  });

  it('matches an expression that would backtrack for ever in linear time', () => {
    assert.deepEqual(rulesBroken('Texts', 'greedy', 'greedy', `${'a'.repeat(5000)}!`), ['string.pattern']);
    assert.deepEqual(rulesBroken('Texts', 'greedy', 'greedy', 'aaa'), []);
  });
});

describe('numbers, flags, enums and bytes', () => {
  table('Numbers', [
    [
      'range',
      [1, 10],
      [
        [0, 'int32.gte'],
        [11, 'int32.lte'],
        [-2_147_483_648, 'int32.gte'],
      ],
    ],
    [
      'strict',
      [1, 4],
      [
        [0, 'int64.gt'],
        [5, 'int64.lt'],
      ],
    ],
    [
      'outside',
      [4, 11],
      [
        [5, 'uint32.gt_lt_exclusive'],
        [10, 'uint32.gt_lt_exclusive'],
      ],
    ],
    [
      'finite',
      [0, -1.5],
      [
        [Number.NaN, 'double.finite'],
        [Number.POSITIVE_INFINITY, 'double.finite'],
      ],
    ],
    ['const', [7], [[8, 'sint32.const']]],
    ['in', [1, 3], [[4, 'fixed64.in']]],
    ['notIn', [0, 1], [[0.5, 'float.not_in']]],
    ['maybe', [undefined, 1], [[0, 'int32.gt']]],
    ['yes', [true], [[false, 'bool.const']]],
    ['colour', ['COLOUR_RED', 'COLOUR_UNSPECIFIED'], [[9, 'enum.defined_only']]],
    ['some', ['COLOUR_RED'], [['COLOUR_UNSPECIFIED', 'enum.not_in']]],
    ['plain', ['COLOUR_RED'], [[9, 'enum.defined_only']]],
    [
      'blob',
      [Buffer.from('x')],
      [
        [Buffer.alloc(0), 'bytes.min_len'],
        [Buffer.alloc(3), 'bytes.max_len'],
      ],
    ],
  ]);
});

describe('collections and nested messages', () => {
  const good = { names: ['a'], leaf: { quantity: 1 }, left: 'ab' };

  it('accepts what keeps every rule', () => assert.deepEqual(broken('Collections', good), []));

  it('names the place of each violation in proto names', () => {
    const message = {
      names: ['a', '', 'a', 'b'],
      counts: { a: -1, long: 1 },
      leaves: [{ quantity: 1 }, { quantity: 0, leaves: [{ quantity: 1, leaves: [{ quantity: -1 }] }] }],
      skipped: { quantity: -1 },
      named: { k: {} },
      right: { quantity: 0 },
    };
    assert.deepEqual(broken('Collections', message), [
      'names: repeated.max_items',
      'names: repeated.unique',
      'names[1]: string.min_len',
      'counts["a"]: int32.gte',
      'counts["long"]: string.max_len',
      'leaves[1].quantity: int32.gte',
      'leaves[1].leaves[0].leaves[0].quantity: int32.gte',
      'leaf: required',
      'named["k"].quantity: int32.gte',
      'right.quantity: int32.gte',
    ]);
  });

  it('asks for one field of a required oneof, and checks the one that is set', () => {
    const { left: _, ...rest } = good;
    assert.deepEqual(broken('Collections', rest), ['choice: required']);
    assert.deepEqual(broken('Collections', { ...rest, left: 'a' }), ['left: string.min_len']);
  });

  it('asks for exactly one of the fields that a message rule names', () => {
    assert.deepEqual(broken('Pair', { userId: 'x' }), []);
    assert.deepEqual(broken('Pair', {}), [': message.oneof']);
    assert.deepEqual(broken('Pair', { userId: 'x', eMail: 'y' }), [': message.oneof']);
  });
});

describe('durations, times and masks', () => {
  const minute = 60_000;
  table('Times', [
    [
      'window',
      [undefined, { seconds: 1 }, { seconds: 60, nanos: 500_000_000 }],
      [
        [{ nanos: 999_999_999 }, 'duration.gte'],
        [{ seconds: 61 }, 'duration.lte'],
        [{ seconds: -5 }, 'duration.gte'],
      ],
    ],
    ['future', [new Date(Date.now() + minute)], [[new Date(0), 'timestamp.gt_now']]],
    ['past', [new Date(0)], [[new Date(Date.now() + minute), 'timestamp.lt_now']]],
    [
      'near',
      [new Date()],
      [
        [new Date(Date.now() - 2 * minute), 'timestamp.within'],
        [new Date(Date.now() + 2 * minute), 'timestamp.within'],
      ],
    ],
    [
      'mask',
      [{ paths: [] }, { paths: ['name', 'address.city'] }],
      [
        [{ paths: ['name', 'password'] }, 'field_mask.in'],
        [{ paths: ['names'] }, 'field_mask.in'],
      ],
    ],
    ['any', [{ typeUrl: 'type.googleapis.com/x' }], [[{ typeUrl: 'y' }, 'any.in']]],
  ]);
});

describe('rules that cannot be checked', () => {
  it('are refused when the validator is made, and listed for synth, wherever they stand', () => {
    for (const type of ['WithCel', 'WithUnknown', 'HoldsCel']) {
      const name = `fixtures.rules.v1.${type}`;
      assert.equal(unsupportedRules(name, source).length, 1, type);
      assert.throws(() => validatorOf(name, source), UnsupportedRuleError);
    }
    assert.match(unsupportedRules('fixtures.rules.v1.HoldsCel', source)[0] ?? '', /WithCel\.value: CEL/);
    assert.deepEqual(unsupportedRules('fixtures.rules.v1.Texts', source), []);
  });
});
