// The protobuf JSON mapping of scalars and of google.protobuf types that have a JSON form of their own.
// Source of the rules: https://protobuf.dev/programming-guides/json/

/** JSON that is not the mapping of the expected message. */
export class JsonError extends Error {
  override readonly name = 'JsonError';
  /** Path of the value in proto names, as in field violations: `items[0].quantity`; empty for the whole message. */
  readonly path: string;

  constructor(path: string, message: string) {
    super(message);
    this.path = path;
  }
}

const ranges: Readonly<Record<string, readonly [min: number, max: number]>> = {
  int32: [-2_147_483_648, 2_147_483_647],
  uint32: [0, 4_294_967_295],
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  uint64: [0, Number.MAX_SAFE_INTEGER],
};

const integerKinds: Readonly<Record<string, string>> = {
  int32: 'int32',
  sint32: 'int32',
  sfixed32: 'int32',
  uint32: 'uint32',
  fixed32: 'uint32',
  int64: 'int64',
  sint64: 'int64',
  sfixed64: 'int64',
  uint64: 'uint64',
  fixed64: 'uint64',
};

/** True for scalar types whose JSON is a decimal string. */
export function is64Bit(type: string): boolean {
  return integerKinds[type]?.endsWith('64') ?? false;
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Throws a {@link JsonError} that says what was expected and what is there. */
export function unexpected(path: string, expected: string, value: unknown): never {
  throw new JsonError(path, `expected ${expected}, got ${describe(value)}`);
}

/** A scalar from its JSON form. */
export function scalarFromJson(type: string, json: unknown, path: string): string | number | boolean | Buffer {
  if (type === 'string') return typeof json === 'string' ? wellFormed(json, path) : unexpected(path, 'a string', json);
  if (type === 'bool') return typeof json === 'boolean' ? json : unexpected(path, 'true or false', json);
  if (type === 'bytes') {
    if (typeof json !== 'string' || !/^[\w+/-]*={0,2}$/.test(json)) return unexpected(path, 'base64 text', json);
    return Buffer.from(json, 'base64');
  }
  const kind = integerKinds[type];
  if (kind === undefined) return floatFromJson(json, path);
  const [min, max] = ranges[kind] ?? [0, 0];
  const value = typeof json === 'string' && /^-?\d+(\.0+)?([eE]\+?\d+)?$/.test(json) ? Number(json) : json;
  if (typeof value !== 'number' || !Number.isInteger(value)) return unexpected(path, 'an integer', json);
  if (value < min || value > max) throw new JsonError(path, `${value} is outside of ${min} to ${max}`);
  return value;
}

function wellFormed(text: string, path: string): string {
  if (text.isWellFormed()) return text;
  throw new JsonError(path, 'the text holds half of a UTF-16 pair');
}

function floatFromJson(json: unknown, path: string): number {
  if (typeof json === 'number') return json;
  if (json === 'NaN') return Number.NaN;
  if (json === 'Infinity') return Number.POSITIVE_INFINITY;
  if (json === '-Infinity') return Number.NEGATIVE_INFINITY;
  if (typeof json === 'string' && json.trim() !== '' && Number.isFinite(Number(json))) return Number(json);
  return unexpected(path, 'a number', json);
}

/** A scalar's JSON form. */
export function scalarToJson(type: string, value: unknown): unknown {
  if (typeof value === 'number') {
    if (is64Bit(type)) return String(value);
    return Number.isFinite(value) ? value : String(value);
  }
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;
}

const timestampPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/i;
const durationPattern = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?s$/;

/** RFC 3339 text to a Date; digits after the milliseconds are cut off. */
export function timestampFromJson(json: unknown, path: string): Date {
  if (typeof json !== 'string' || !timestampPattern.test(json)) {
    return unexpected(path, "RFC 3339 time such as '2026-01-31T12:00:00Z'", json);
  }
  const date = new Date(json.toUpperCase());
  if (Number.isNaN(date.getTime())) throw new JsonError(path, `'${json}' is not a date of the calendar`);
  return date;
}

/** `'1.5s'` to seconds and nanoseconds. */
export function durationFromJson(json: unknown, path: string): { seconds: number; nanos: number } {
  const match = typeof json === 'string' ? durationPattern.exec(json) : null;
  if (match === null) return unexpected(path, "seconds such as '1.5s'", json);
  const sign = match[1] === '-' ? -1 : 1;
  const nanos = Number((match[3] ?? '').padEnd(9, '0'));
  return { seconds: sign * Number(match[2]) || 0, nanos: sign * nanos || 0 };
}

/** Seconds and nanoseconds to `'1.5s'`. */
export function durationToJson(value: { readonly seconds?: number; readonly nanos?: number }): string {
  const { seconds = 0, nanos = 0 } = value;
  const sign = seconds < 0 || nanos < 0 ? '-' : '';
  const digits = String(Math.abs(nanos)).padStart(9, '0');
  const fraction = nanos === 0 ? '' : `.${digits.replace(/(000)+$/, '')}`;
  return `${sign}${Math.abs(seconds)}${fraction}s`;
}

/** `display_name` to `displayName`. */
export function toCamel(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** `displayName` to `display_name`. */
export function toSnake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
