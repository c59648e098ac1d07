// Compiles the `buf.validate` rules of a message type, once, into a function over decoded messages.
// Beyond the written rules: an enum's number that the contract does not know and the character U+0000 are refused, because in
// requests they are always a mistake.
import protobuf from 'protobufjs';
import { shapeOf } from '../contract/codec/codec-types.ts';
import { protoName } from '../contract/json/message-json.ts';
import { customOption, type OptionFields, optionList } from '../contract/options.ts';
import { all, type Check, locate, UnsupportedRuleError, violated } from './check.ts';
import { scalarChecks, zeroValueOf } from './field-checks.ts';
import { RuleReader } from './rules/rule-reader.ts';

interface CompiledField {
  /** Name in messages, and path in violations. */
  readonly name: string;
  readonly path: string;
  readonly run: Check;
}

/** Compiles types, each at most once. */
export class RuleCompiler {
  readonly #compiled = new Map<protobuf.Type, { check: Check | undefined }>();

  /** @returns undefined when nothing about such messages can be wrong */
  message(type: protobuf.Type): Check | undefined {
    const known = this.#compiled.get(type);
    // A type within itself is looked up when it is checked; by then it is compiled.
    if (known !== undefined) return known.check ?? ((value, violations) => known.check?.(value, violations));
    const entry: { check: Check | undefined } = { check: undefined };
    this.#compiled.set(type, entry);
    try {
      entry.check = this.#compile(type);
    } catch (error) {
      // A second attempt must not find a half compiled type and take it for one without rules.
      this.#compiled.delete(type);
      throw error;
    }
    return entry.check;
  }

  #compile(type: protobuf.Type): Check | undefined {
    if (type.fullName.startsWith('.google.protobuf.')) return undefined;
    const fields: CompiledField[] = [];
    for (const field of type.fieldsArray) {
      field.resolve();
      const run = this.#field(field);
      if (run !== undefined) fields.push({ name: field.name, path: protoName(field), run });
    }
    const whole = [...oneofChecks(type), ...messageChecks(type)];
    if (fields.length === 0 && whole.length === 0) return undefined;
    return (value, violations) => {
      const message = value as Readonly<Record<string, unknown>>;
      for (const { name, path, run } of fields) {
        const from = violations.length;
        run(message[name], violations);
        if (violations.length > from) locate(violations, from, path);
      }
      for (const check of whole) check(message, violations);
    };
  }

  #field(field: protobuf.Field): Check | undefined {
    const where = `${field.parent?.fullName.slice(1) ?? ''}.${protoName(field)}`;
    try {
      return this.#fieldRules(field, new RuleReader('field', customOption(field, 'buf.validate.field') ?? {}));
    } catch (error) {
      if (error instanceof UnsupportedRuleError) error.message = `${where}: ${error.message} is not supported`;
      throw error;
    }
  }

  #fieldRules(field: protobuf.Field, rules: RuleReader): Check | undefined {
    const ignore = rules.value('ignore');
    if (ignore === 'IGNORE_ALWAYS') return undefined;
    if (optionList(rules.value('cel')).length > 0) throw new UnsupportedRuleError('CEL');
    const required = rules.flag('required');
    const shape = shapeOf(field);
    const check = all(this.#valueChecks(field, rules, shape === 'repeated' || shape === 'map'));
    rules.finish();
    if (check === undefined && !required) return undefined;
    const isZero = zeroValueOf(field);
    const hasPresence = shape === 'optional' || field.resolvedType instanceof protobuf.Type;
    return (value, violations) => {
      const absent = value === undefined || value === null;
      if (required && (absent || ((!hasPresence || shape === 'repeated' || shape === 'map') && isZero(value)))) {
        violated(violations, 'required', 'is required');
        return;
      }
      if (absent || (ignore === 'IGNORE_IF_ZERO_VALUE' && isZero(value))) return;
      check?.(value, violations);
    };
  }

  #valueChecks(field: protobuf.Field, rules: RuleReader, many: boolean): Check[] {
    if (field instanceof protobuf.MapField) return this.#mapChecks(field, rules);
    return many ? this.#listChecks(field, rules) : this.#singleChecks(field, rules);
  }

  #singleChecks(field: protobuf.FieldBase, rules: RuleReader): Check[] {
    const checks = scalarChecks(field, rules);
    const nested = field.resolvedType instanceof protobuf.Type ? this.message(field.resolvedType) : undefined;
    return nested === undefined ? checks : [...checks, nested];
  }

  #listChecks(field: protobuf.Field, outer: RuleReader): Check[] {
    const rules = new RuleReader('repeated', outer.fields('repeated') ?? {});
    const checks = sizeChecks(rules, 'min_items', 'max_items', 'item', (value) => (value as readonly unknown[]).length);
    if (rules.flag('unique')) {
      checks.push((value, violations) => {
        const items = (value as readonly unknown[]).map((item) => (item instanceof Uint8Array ? item.join() : item));
        if (new Set(items).size < items.length) violated(violations, 'repeated.unique', 'must not hold an item twice');
      });
    }
    const item = all(this.#inner(field, rules.fields('items')));
    rules.finish();
    if (item === undefined) return checks;
    checks.push((value, violations) => {
      const items = value as readonly unknown[];
      for (let index = 0; index < items.length; index++) {
        const from = violations.length;
        item(items[index], violations);
        if (violations.length > from) locate(violations, from, `[${index}]`);
      }
    });
    return checks;
  }

  #mapChecks(field: protobuf.MapField, outer: RuleReader): Check[] {
    const rules = new RuleReader('map', outer.fields('map') ?? {});
    const checks = sizeChecks(rules, 'min_pairs', 'max_pairs', 'entry', (value) => Object.keys(value as object).length);
    const keyField = new protobuf.Field('key', 1, field.keyType);
    const key = all(this.#inner(keyField, rules.fields('keys')));
    const each = all(this.#inner(field, rules.fields('values')));
    rules.finish();
    if (key === undefined && each === undefined) return checks;
    const numeric = field.keyType !== 'string' && field.keyType !== 'bool';
    checks.push((value, violations) => {
      for (const [name, item] of Object.entries(value as object)) {
        const from = violations.length;
        key?.(numeric ? Number(name) : name, violations);
        each?.(item, violations);
        if (violations.length > from) locate(violations, from, `["${name}"]`);
      }
    });
    return checks;
  }

  #inner(field: protobuf.FieldBase, option: OptionFields | undefined): Check[] {
    const rules = new RuleReader('field', option ?? {});
    if (rules.value('cel') !== undefined) throw new UnsupportedRuleError('CEL');
    const ignore = rules.value('ignore');
    if (ignore === 'IGNORE_ALWAYS') return [];
    const checks = this.#singleChecks(field, rules);
    rules.finish();
    const check = all(checks);
    if (ignore !== 'IGNORE_IF_ZERO_VALUE' || check === undefined) return checks;
    const isZero = zeroValueOf(field);
    return [
      (value, violations) => {
        if (!isZero(value)) check(value, violations);
      },
    ];
  }
}

function sizeChecks(
  rules: RuleReader,
  minRule: string,
  maxRule: string,
  unit: string,
  size: (value: unknown) => number,
): Check[] {
  const checks: Check[] = [];
  const min = rules.number(minRule);
  const max = rules.number(maxRule);
  const plural = unit === 'entry' ? 'entries' : `${unit}s`;
  if (min !== undefined) {
    checks.push((value, violations) => {
      if (size(value) < min)
        violated(violations, rules.id(minRule), `must hold at least ${min} ${min === 1 ? unit : plural}`);
    });
  }
  if (max !== undefined) {
    checks.push((value, violations) => {
      if (size(value) > max)
        violated(violations, rules.id(maxRule), `must hold at most ${max} ${max === 1 ? unit : plural}`);
    });
  }
  return checks;
}

function oneofChecks(type: protobuf.Type): Check[] {
  const checks: Check[] = [];
  for (const oneof of type.oneofsArray) {
    if (oneof.isProto3Optional || customOption(oneof, 'buf.validate.oneof')?.required !== true) continue;
    const path = protoName(oneof);
    const names = oneof.fieldsArray.map(protoName).join(', ');
    checks.push((value, violations) => {
      if ((value as Readonly<Record<string, unknown>>)[oneof.name] !== undefined) return;
      violations.push({ field: path, description: `one of ${names} is required`, reason: 'required' });
    });
  }
  return checks;
}

function messageChecks(type: protobuf.Type): Check[] {
  const rules = new RuleReader('message', customOption(type, 'buf.validate.message') ?? {});
  if (rules.value('cel') !== undefined) {
    throw new UnsupportedRuleError(`${type.fullName.slice(1)}: CEL is not supported`);
  }
  const checks = (rules.list('oneof') ?? []).map((option): Check => {
    const rule = new RuleReader('message.oneof', option as OptionFields);
    const paths = (rule.list('fields') ?? []).map(String);
    const required = rule.flag('required');
    const fields = paths.map((path) => {
      const field = type.fieldsArray.find((candidate) => protoName(candidate) === path);
      if (field === undefined) throw new UnsupportedRuleError(`${type.fullName.slice(1)} has no field ${path}`);
      return { name: field.name, isZero: zeroValueOf(field) };
    });
    return (value, violations) => {
      const message = value as Readonly<Record<string, unknown>>;
      const set = fields.filter(({ name, isZero }) => !isZero(message[name])).length;
      if (set > 1) violated(violations, 'message.oneof', `only one of ${paths.join(', ')} may be set`);
      else if (set === 0 && required) violated(violations, 'message.oneof', `one of ${paths.join(', ')} is required`);
    };
  });
  rules.finish();
  return checks;
}
