// The rules of a field as its contract writes them, read without the kit's validator: what is fuzzed must not say itself
// what is right. A rule that nothing here knows is an error, so that a new one is not passed over.
import type protobuf from 'protobufjs';
import { customOption, type OptionFields, type OptionValue, optionList } from '#kit/contract/options.ts';

/** Rules of one kind of a field: `{ min_len: 1 }`. */
export type Rules = OptionFields;

/** All rules of a field: `{ required: true, string: { min_len: 1 } }`. */
export function fieldRules(field: protobuf.FieldBase): Rules {
  return customOption(field, 'buf.validate.field') ?? {};
}

/** The rules below a name: `below({ string: { min_len: 1 } }, 'string')`. */
export function below(rules: Rules, name: string): Rules {
  const value = rules[name];
  return typeof value === 'object' && !Array.isArray(value) ? (value as OptionFields) : {};
}

/** A rule's number; undefined where it is not set. */
export function numberOf(value: OptionValue | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}

/** A rule's duration in milliseconds. */
export function millisecondsOf(value: OptionValue | undefined): number | undefined {
  if (value === undefined) return undefined;
  const { seconds = 0, nanos = 0 } = value as OptionFields;
  return Number(seconds) * 1_000 + Number(nanos) / 1e6;
}

/** A rule's list. */
export function listOf(value: OptionValue | undefined): readonly OptionValue[] {
  return optionList(value);
}

/** @throws Error when there is a rule beside those that are known */
export function onlyKnown(where: string, rules: Rules, known: readonly string[]): void {
  const others = Object.keys(rules).filter((name) => !known.includes(name));
  if (others.length > 0) throw new Error(`${where}: nothing is generated for the rule ${others.join(', ')}`);
}
