// Custom options of the contracts (`google.api.http`, `buf.validate`, `fairlead.api.v1.access`) as plain objects.
// An option may be set in several places of a declaration; all of them are merged, as protobuf says.
import type protobuf from 'protobufjs';

/** An option's value: text, numbers, flags, lists and objects in the proto file's own field names. */
export type OptionValue = string | number | boolean | readonly OptionValue[] | OptionFields;

/** A message-typed option. */
export interface OptionFields {
  readonly [name: string]: OptionValue | undefined;
}

function isFields(value: unknown): value is OptionFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function merge(target: Record<string, OptionValue | undefined>, source: OptionFields): void {
  for (const [name, value] of Object.entries(source)) {
    const present = target[name];
    if (value === undefined) continue;
    if (isFields(present) && isFields(value)) {
      const merged: Record<string, OptionValue | undefined> = { ...present };
      merge(merged, value);
      target[name] = merged;
    } else if (Array.isArray(present)) {
      target[name] = [...present, ...(Array.isArray(value) ? value : [value])];
    } else if (present !== undefined && name === 'cel') {
      target[name] = [present, ...(Array.isArray(value) ? value : [value])];
    } else {
      target[name] = value;
    }
  }
}

/**
 * The value of a custom option.
 *
 * @param name full name without parentheses, for example `google.api.http`
 * @returns undefined when the option is not set
 */
export function customOption(object: protobuf.ReflectionObject, name: string): OptionFields | undefined {
  const key = `(${name})`;
  const found: Record<string, OptionValue | undefined> = {};
  let set = false;
  const options: unknown = object.parsedOptions;
  for (const option of Array.isArray(options) ? (options as readonly Record<string, unknown>[]) : []) {
    const value = option[key];
    if (!isFields(value)) continue;
    set = true;
    merge(found, value);
  }
  return set ? found : undefined;
}

/** A plain option such as `idempotency_level` or `deprecated`. */
export function plainOption(object: protobuf.ReflectionObject, name: string): unknown {
  return object.options?.[name];
}

/** A list-valued field of an option, where a single value stands for a list of one. */
export function optionList(value: OptionValue | undefined): readonly OptionValue[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as OptionValue];
}
