// For each rule of a contract one way to break it, and the place that the answer has to name.
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { protoName } from '#kit/contract/json/message-json.ts';
import { customOption } from '#kit/contract/options.ts';
import { below, fieldRules, listOf, millisecondsOf, numberOf, type Rules } from './field-rules.ts';
import { validMessage, validValue } from './valid-message.ts';

/** One broken rule. */
export interface Spoiling {
  /** Path of the field, in proto names: `items[0].quantity`. */
  readonly field: string;
  readonly rule: string;
  /** The message with the rule broken; what is in it is valid but for that. */
  spoil(message: Readonly<Record<string, unknown>>): Record<string, unknown>;
}

/** A wrong value of a field, and where in the value the fault is: '' for the value itself. */
interface Wrong {
  readonly rule: string;
  readonly place: string;
  readonly from: (present: unknown) => unknown;
}

const sample = <T>(arbitrary: fc.Arbitrary<T>): T => fc.sample(arbitrary, { numRuns: 1, seed: 7 })[0] as T;
const always = (rule: string, value: unknown): Wrong => ({ rule, place: '', from: () => value });

/** A text that a pattern refuses. */
function unmatched(pattern: string): string {
  const expression = new RegExp(pattern, 'u');
  const tries = ['!', ' ', '\n', 'é', '\u{1f600}', '-', '.', '//', 'A'.repeat(5_000)];
  const found = tries.find((text) => !expression.test(text));
  if (found === undefined) throw new Error(`no text breaks ${pattern}`);
  return found;
}

function* wrongTexts(rules: Rules): Generator<Wrong> {
  yield always('no_nul', 'a\0b');
  if (rules.uuid === true) yield always('uuid', '0198-not-a-uuid');
  if (rules.email === true) yield always('email', 'nobody');
  if (typeof rules.pattern === 'string') yield always('pattern', unmatched(rules.pattern));
  const min = numberOf(rules.min_len) ?? 0;
  const max = numberOf(rules.max_len);
  if (min > 0) yield always('min_len', 'x'.repeat(min - 1));
  if (max !== undefined) yield always('max_len', 'x'.repeat(max + 1));
}

function* wrongNumbers(rules: Rules): Generator<Wrong> {
  const [gte, lte, gt, lt] = [rules.gte, rules.lte, rules.gt, rules.lt].map(numberOf);
  if (gte !== undefined) yield always('gte', gte - 1);
  if (lte !== undefined) yield always('lte', lte + 1);
  if (gt !== undefined) yield always('gt', gt);
  if (lt !== undefined) yield always('lt', lt);
}

function* wrongMembers(type: protobuf.Enum, rules: Rules): Generator<Wrong> {
  yield always('defined_only', Math.max(...Object.values(type.values)) + 1_000);
  for (const number of listOf(rules.not_in).map(Number)) yield always('not_in', type.valuesById[number]);
}

function* wrongWellKnown(type: protobuf.Type, rules: Rules): Generator<Wrong> {
  const duration = below(rules, 'duration');
  const [shortest, longest] = [millisecondsOf(duration.gte), millisecondsOf(duration.lte)];
  const seconds = (ms: number): object => ({ seconds: Math.floor(ms / 1_000), nanos: 0 });
  if (shortest !== undefined) yield always('duration.gte', seconds(shortest - 1_000));
  if (longest !== undefined) yield always('duration.lte', seconds(longest + 1_000));
  if (below(rules, 'timestamp').gt_now === true) yield always('timestamp.gt_now', new Date('2020-01-01T00:00:00Z'));
  if (below(rules, 'field_mask').in !== undefined) yield always('field_mask.in', { paths: ['no_such_field'] });
  if (type.fullName.startsWith('.google.')) return;
  for (const { field, rule, spoil } of spoilings(type)) {
    const from = (present: unknown): unknown =>
      spoil((present ?? sample(validMessage(type))) as Record<string, unknown>);
    yield { rule, place: `.${field}`, from };
  }
}

function* wrongValues(field: protobuf.FieldBase, rules: Rules): Generator<Wrong> {
  const type = field.resolvedType;
  if (type instanceof protobuf.Enum) yield* wrongMembers(type, below(rules, 'enum'));
  else if (type instanceof protobuf.Type) yield* wrongWellKnown(type, rules);
  else if (field.type === 'string') yield* wrongTexts(below(rules, 'string'));
  else yield* wrongNumbers(below(rules, field.type));
}

function* wrongLists(field: protobuf.Field, rules: Rules): Generator<Wrong> {
  const item = validValue(field, below(rules, 'items'));
  const [min = 0, max] = [numberOf(rules.min_items), numberOf(rules.max_items)];
  if (min > 0) yield always('min_items', Array(min - 1).fill(sample(item)));
  if (max !== undefined) yield always('max_items', Array(max + 1).fill(sample(item)));
  if (rules.unique === true) yield always('unique', Array(Math.max(2, min)).fill(sample(item)));
  for (const { rule, place, from } of wrongValues(field, below(rules, 'items'))) {
    yield {
      rule: `items.${rule}`,
      place: `[0]${place}`,
      from: (present) => {
        const [first, ...others] = present as readonly unknown[];
        return [from(first), ...others];
      },
    };
  }
}

function* wrongFields(field: protobuf.Field): Generator<Wrong> {
  const rules = fieldRules(field);
  if (rules.ignore === 'IGNORE_ALWAYS' || field instanceof protobuf.MapField) return;
  if (rules.required === true) yield always('required', field.resolvedType instanceof protobuf.Type ? null : '');
  if (field.repeated) return yield* wrongLists(field, below(rules, 'repeated'));
  const wrong = [...wrongValues(field, rules)];
  // A zero value is passed over where the contract says so.
  const passed = (value: unknown): boolean => rules.ignore === 'IGNORE_IF_ZERO_VALUE' && (value === '' || value === 0);
  yield* wrong.filter(({ place, from }) => place !== '' || !passed(from(undefined)));
}

/** Every way to break a rule of a message. */
export function* spoilings(type: protobuf.Type): Generator<Spoiling> {
  for (const field of type.fieldsArray) {
    field.resolve();
    const siblings = field.partOf === null ? [] : field.partOf.oneof.filter((name) => name !== field.name);
    for (const { rule, place, from } of wrongFields(field)) {
      yield {
        field: `${protoName(field)}${place}`,
        rule,
        spoil(message) {
          const spoilt: Record<string, unknown> = { ...message, [field.name]: from(message[field.name]) };
          for (const name of siblings) delete spoilt[name];
          return spoilt;
        },
      };
    }
  }
  for (const oneof of type.oneofsArray) {
    if (customOption(oneof, 'buf.validate.oneof')?.required !== true) continue;
    yield {
      field: protoName(oneof),
      rule: 'oneof.required',
      spoil(message) {
        const spoilt = { ...message };
        for (const name of oneof.oneof) delete spoilt[name];
        return spoilt;
      },
    };
  }
}
