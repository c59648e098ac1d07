// buf.validate rules as JSON Schema constraints, as far as JSON Schema can say them.
// A rule that it cannot say stays in the contract and is checked by the service all the same.
import type protobuf from 'protobufjs';
import { customOption, type OptionFields, type OptionValue, optionList } from '../../contract/options.ts';

/** A JSON Schema (draft 2020-12), which OpenAPI 3.1 uses as it is. */
export type Schema = { readonly [keyword: string]: unknown };

function isFields(value: OptionValue | undefined): value is OptionFields {
  return typeof value === 'object' && !Array.isArray(value);
}

const stringFormats = ['email', 'uuid', 'uri', 'hostname', 'ipv4', 'ipv6'] as const;

const numeric: Readonly<Record<string, string>> = {
  gte: 'minimum',
  gt: 'exclusiveMinimum',
  lte: 'maximum',
  lt: 'exclusiveMaximum',
};

/** Rules of a field, or undefined. */
export function fieldRules(field: protobuf.Field): OptionFields | undefined {
  return customOption(field, 'buf.validate.field');
}

/** True when the rules ask for the field to be set. */
export function isRequired(rules: OptionFields | undefined): boolean {
  if (rules === undefined) return false;
  if (rules.required === true) return true;
  const { string: text, repeated } = rules;
  if (isFields(text) && (Number(text.min_len ?? 0) > 0 || text.uuid === true || text.email === true)) {
    return rules.ignore === undefined;
  }
  return isFields(repeated) && Number(repeated.min_items ?? 0) > 0;
}

/** Constraints on one value: of a field that is not repeated, or of an item. */
export function valueConstraints(rules: OptionFields | undefined): Schema {
  const constraints: Record<string, unknown> = {};
  for (const [type, rule] of Object.entries(rules ?? {})) {
    if (!isFields(rule)) continue;
    if (type === 'string') Object.assign(constraints, stringConstraints(rule));
    else if (/^(double|float|[su]?int(32|64)|s?fixed(32|64))$/.test(type))
      Object.assign(constraints, numberConstraints(rule));
    else if (type === 'bytes' && rule.max_len !== undefined) {
      constraints.maxLength = Math.ceil(Number(rule.max_len) / 3) * 4;
    }
    if (rule.in !== undefined) constraints.enum = optionList(rule.in);
    if (rule.const !== undefined) constraints.const = rule.const;
  }
  return constraints;
}

/** Constraints on a list, without those on its items. */
export function listConstraints(rules: OptionFields | undefined): Schema {
  const repeated = rules?.repeated;
  if (!isFields(repeated)) return {};
  return {
    ...(repeated.min_items === undefined ? {} : { minItems: Number(repeated.min_items) }),
    ...(repeated.max_items === undefined ? {} : { maxItems: Number(repeated.max_items) }),
    ...(repeated.unique === true ? { uniqueItems: true } : {}),
  };
}

/** Rules of a list's items. */
export function itemRules(rules: OptionFields | undefined): OptionFields | undefined {
  const repeated = rules?.repeated;
  const items = isFields(repeated) ? repeated.items : undefined;
  return isFields(items) ? items : undefined;
}

function stringConstraints(rule: OptionFields): Schema {
  const constraints: Record<string, unknown> = {};
  if (rule.len !== undefined) constraints.minLength = constraints.maxLength = Number(rule.len);
  if (rule.min_len !== undefined) constraints.minLength = Number(rule.min_len);
  if (rule.max_len !== undefined) constraints.maxLength = Number(rule.max_len);
  if (rule.pattern !== undefined) constraints.pattern = rule.pattern;
  if (rule.prefix !== undefined && rule.pattern === undefined)
    constraints.pattern = `^${RegExp.escape(String(rule.prefix))}`;
  const format = stringFormats.find((name) => rule[name] === true);
  if (format !== undefined) constraints.format = format;
  return constraints;
}

function numberConstraints(rule: OptionFields): Schema {
  const found = Object.entries(numeric).filter(([name]) => rule[name] !== undefined);
  return Object.fromEntries(found.map(([name, keyword]) => [keyword, Number(rule[name])]));
}
