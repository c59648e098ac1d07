// Arbitrary messages that keep every rule of their contract, from its descriptors.
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { below, fieldRules, listOf, millisecondsOf, numberOf, onlyKnown, type Rules } from './field-rules.ts';

const wholeRanges: Readonly<Record<string, readonly [number, number]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  sint32: [-(2 ** 31), 2 ** 31 - 1],
  sfixed32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
  fixed32: [0, 2 ** 32 - 1],
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  sint64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  sfixed64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  uint64: [0, Number.MAX_SAFE_INTEGER],
  fixed64: [0, Number.MAX_SAFE_INTEGER],
};
/** Longest list and text where the rules would allow more. */
const someItems = 4;
const someText = 40;

function codePoints(text: string): number {
  return [...text].length;
}

function text(where: string, rules: Rules): fc.Arbitrary<string> {
  onlyKnown(where, rules, ['uuid', 'email', 'pattern', 'min_len', 'max_len']);
  const min = numberOf(rules.min_len) ?? 0;
  const max = numberOf(rules.max_len) ?? Number.POSITIVE_INFINITY;
  const fits = (value: string): boolean => codePoints(value) >= min && codePoints(value) <= max;
  if (rules.uuid === true) return fc.uuid();
  if (rules.email === true) return fc.emailAddress().filter(fits);
  if (typeof rules.pattern === 'string') {
    return fc
      .stringMatching(new RegExp(rules.pattern, 'u'), { size: 'small' })
      .filter((value) => fits(value) && !value.includes('\0'));
  }
  const maxLength = Math.min(max, Math.max(someText, min));
  const plain = fc.string({ unit: 'binary', minLength: min, maxLength }).filter((value) => !value.includes('\0'));
  // The longest that the rule allows is where columns are too short.
  return max === Number.POSITIVE_INFINITY || max > 5_000
    ? plain
    : fc.oneof({ weight: 9, arbitrary: plain }, { weight: 1, arbitrary: fc.constant('é'.repeat(max)) });
}

function whole(where: string, type: string, rules: Rules): fc.Arbitrary<number> {
  onlyKnown(where, rules, ['gte', 'lte', 'gt', 'lt']);
  const [least, most] = wholeRanges[type] ?? [0, 0];
  const gt = numberOf(rules.gt);
  const lt = numberOf(rules.lt);
  const min = numberOf(rules.gte) ?? (gt === undefined ? least : gt + 1);
  const max = numberOf(rules.lte) ?? (lt === undefined ? most : lt - 1);
  return fc.oneof(fc.integer({ min, max }), fc.constantFrom(min, max));
}

function member(where: string, type: protobuf.Enum, rules: Rules): fc.Arbitrary<string> {
  onlyKnown(where, rules, ['defined_only', 'not_in', 'in']);
  const forbidden = listOf(rules.not_in).map(Number);
  const allowed = listOf(rules.in).map(Number);
  const names = Object.entries(type.values).filter(
    ([, value]) => !forbidden.includes(value) && (allowed.length === 0 || allowed.includes(value)),
  );
  return fc.constantFrom(...names.map(([name]) => name));
}

/** Seconds within what the contract's JSON form can say. */
const longestDurationMs = 315_576_000_000 * 1_000;

function wellKnown(where: string, type: protobuf.Type, rules: Rules): fc.Arbitrary<unknown> | undefined {
  switch (type.fullName) {
    case '.google.protobuf.Timestamp': {
      const own = below(rules, 'timestamp');
      onlyKnown(where, own, ['gt_now']);
      const min = own.gt_now === true ? new Date(Date.now() + 3_600_000) : new Date('0001-01-01T00:00:00Z');
      return fc.date({ min, max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true });
    }
    case '.google.protobuf.Duration': {
      const own = below(rules, 'duration');
      onlyKnown(where, own, ['gte', 'lte']);
      const min = millisecondsOf(own.gte) ?? -longestDurationMs;
      const max = millisecondsOf(own.lte) ?? longestDurationMs;
      const inSeconds = { min: Math.ceil(min / 1_000), max: Math.floor(max / 1_000) };
      return fc.integer(inSeconds).map((seconds) => ({ seconds, nanos: 0 }));
    }
    case '.google.protobuf.FieldMask': {
      const own = below(rules, 'field_mask');
      onlyKnown(where, own, ['in']);
      return fc.subarray(listOf(own.in).map(String)).map((paths) => ({ paths }));
    }
    default:
      if (type.fullName.startsWith('.google.')) throw new Error(`${where}: nothing is generated for ${type.fullName}`);
      return undefined;
  }
}

/** One value of a field, whatever the field says of how many. */
export function validValue(field: protobuf.FieldBase, rules: Rules): fc.Arbitrary<unknown> {
  field.resolve();
  const where = `${field.parent?.fullName ?? ''}.${field.name}`;
  const type = field.resolvedType;
  if (type instanceof protobuf.Enum) return member(where, type, below(rules, 'enum'));
  if (type instanceof protobuf.Type) return wellKnown(where, type, rules) ?? validMessage(type);
  switch (field.type) {
    case 'string':
      return text(where, below(rules, 'string'));
    case 'bytes':
      onlyKnown(where, below(rules, 'bytes'), []);
      return fc.uint8Array({ maxLength: someText }).map((bytes) => Buffer.from(bytes));
    case 'bool':
      return fc.boolean();
    case 'double':
      return fc.double();
    case 'float':
      return fc.float();
    default:
      return whole(where, field.type, below(rules, field.type));
  }
}

/** True for scalars that are equal when their texts are. */
function isPlain(field: protobuf.FieldBase): boolean {
  return !(field.resolvedType instanceof protobuf.Type);
}

function validField(field: protobuf.Field): fc.Arbitrary<unknown> {
  const rules = fieldRules(field);
  if (field instanceof protobuf.MapField) {
    const own = below(rules, 'map');
    onlyKnown(field.fullName, own, ['max_pairs']);
    const maxKeys = Math.min(numberOf(own.max_pairs) ?? someItems, someItems);
    return fc.dictionary(fc.string({ maxLength: 10 }), validValue(field, {}), { maxKeys, noNullPrototype: true });
  }
  if (field.repeated) {
    const own = below(rules, 'repeated');
    onlyKnown(field.fullName, own, ['min_items', 'max_items', 'unique', 'items']);
    const minLength = numberOf(own.min_items) ?? 0;
    const maxLength = Math.max(minLength, Math.min(numberOf(own.max_items) ?? someItems, someItems));
    const item = validValue(field, below(own, 'items'));
    return own.unique === true && isPlain(field)
      ? fc.uniqueArray(item, { minLength, maxLength })
      : fc.array(item, { minLength, maxLength });
  }
  const value = validValue(field, rules);
  if (field.resolvedType instanceof protobuf.Type) {
    return rules.required === true ? value : fc.option(value, { nil: null, freq: 3 });
  }
  if (rules.ignore !== 'IGNORE_IF_ZERO_VALUE') return value;
  const zero: unknown = field.type === 'string' ? '' : 0;
  return fc.oneof({ weight: 3, arbitrary: value }, { weight: 1, arbitrary: fc.constant(zero) });
}

const made = new Map<protobuf.Type, fc.Arbitrary<Record<string, unknown>>>();

/** Messages of a type that keep every rule. */
export function validMessage(type: protobuf.Type): fc.Arbitrary<Record<string, unknown>> {
  const known = made.get(type);
  if (known !== undefined) return known;
  const single: Record<string, fc.Arbitrary<unknown>> = {};
  const choices: fc.Arbitrary<Record<string, unknown>>[] = [];
  for (const field of type.fieldsArray) {
    field.resolve();
    if (field.partOf === null || field.partOf.isProto3Optional) single[field.name] = validField(field);
  }
  for (const oneof of type.oneofsArray) {
    if (oneof.isProto3Optional) continue;
    const members = oneof.fieldsArray.map((field) =>
      validValue(field, fieldRules(field)).map((value) => ({ [field.name]: value })),
    );
    choices.push(fc.oneof(...members));
  }
  const message = fc
    .tuple(fc.record(single), ...choices)
    .map((parts) => Object.assign({}, ...parts) as Record<string, unknown>);
  made.set(type, message);
  return message;
}
