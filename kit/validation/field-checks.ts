// Checks of one value by its type: which kind of rules applies to it, and what its zero value is.
import protobuf from 'protobufjs';
import type { OptionValue } from '../contract/options.ts';
import { type Check, UnsupportedRuleError, violated } from './check.ts';
import { orderedChecks } from './rules/ordered-rules.ts';
import { RuleReader } from './rules/rule-reader.ts';
import { bytesChecks, stringChecks } from './rules/text-rules.ts';
import { anyChecks, durationChecks, fieldMaskChecks, timestampChecks } from './rules/time-rules.ts';

const integers = new Set([
  'int32',
  'sint32',
  'sfixed32',
  'uint32',
  'fixed32',
  'int64',
  'sint64',
  'sfixed64',
  'uint64',
  'fixed64',
]);

const wellKnown: Readonly<Record<string, readonly [kind: string, checks: (rules: RuleReader) => Check[]]>> = {
  '.google.protobuf.Duration': ['duration', durationChecks],
  '.google.protobuf.Timestamp': ['timestamp', timestampChecks],
  '.google.protobuf.FieldMask': ['field_mask', fieldMaskChecks],
  '.google.protobuf.Any': ['any', anyChecks],
};

function numberChecks(rules: RuleReader, type: string): Check[] {
  const checks = orderedChecks(rules, { measure: Number, parse: Number, show: String });
  if ((type === 'float' || type === 'double') && rules.flag('finite')) {
    checks.push((value, violations) => {
      if (!Number.isFinite(value)) violated(violations, rules.id('finite'), 'must be finite');
    });
  }
  return checks;
}

function boolChecks(rules: RuleReader): Check[] {
  const constant = rules.value('const');
  if (constant === undefined) return [];
  return [
    (value, violations) => {
      if (value !== constant) violated(violations, rules.id('const'), `must be ${String(constant)}`);
    },
  ];
}

function enumChecks(rules: RuleReader, type: protobuf.Enum): Check[] {
  const number = (value: unknown): number => (typeof value === 'string' ? (type.values[value] ?? -1) : Number(value));
  const show = (value: number): string => type.valuesById[value] ?? String(value);
  const parse = (value: OptionValue): number => Number(value);
  rules.flag('defined_only');
  const listed: Check = (value, violations) => {
    if (typeof value === 'number')
      violated(violations, rules.id('defined_only'), 'must be a value that the contract lists');
  };
  return [listed, ...orderedChecks(rules, { measure: number, parse, show })];
}

function kindOf(field: protobuf.FieldBase): string {
  const type = field.resolvedType;
  if (type instanceof protobuf.Enum) return 'enum';
  return type === null ? field.type : (wellKnown[type.fullName]?.[0] ?? 'message');
}

function checksOf(field: protobuf.FieldBase, rules: RuleReader): Check[] {
  const type = field.resolvedType;
  if (type instanceof protobuf.Enum) return enumChecks(rules, type);
  if (type instanceof protobuf.Type) return wellKnown[type.fullName]?.[1](rules) ?? [];
  if (field.type === 'string') return stringChecks(rules);
  if (field.type === 'bytes') return bytesChecks(rules);
  return field.type === 'bool' ? boolChecks(rules) : numberChecks(rules, field.type);
}

/** Checks of one value by the rules for its type; rules for another type are a mistake in the contract. */
export function scalarChecks(field: protobuf.FieldBase, outer: RuleReader): Check[] {
  const kind = kindOf(field);
  const rules = new RuleReader(kind, outer.fields(kind) ?? {});
  const checks = checksOf(field, rules);
  rules.finish();
  if (integers.has(kind) && checks.length === 0) return [];
  return checks;
}

/** Tells whether a value of the field is its zero value, or not there. */
export function zeroValueOf(field: protobuf.FieldBase): (value: unknown) => boolean {
  const type = field.resolvedType;
  const zeroName = type instanceof protobuf.Enum ? Object.keys(type.values)[0] : undefined;
  return (value) => {
    if (value === undefined || value === null || value === '' || value === 0 || value === false) return true;
    if (zeroName !== undefined && value === zeroName) return true;
    if (Array.isArray(value) || value instanceof Uint8Array) return value.length === 0;
    return field instanceof protobuf.MapField && Object.keys(value).length === 0;
  };
}

export { UnsupportedRuleError };
