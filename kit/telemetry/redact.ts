// Makes values safe to log: secrets are replaced by name and by shape before anything is formatted.
// By shape as well, because a secret in an error's message has no field name that could give it away.
import { RpcError } from '../errors/rpc-error.ts';

const hidden = '[redacted]';
const longest = 8192;
const deepest = 6;

/** `apiKeyId` and `tokenCount` name no secret; `apiKey`, `refresh_token`, `card` do. */
const secretName =
  /(pass(word|wd|phrase)|secret|token|authorization|cookie|api[-_]?key|private[-_]?key|credential|card[-_]?number|^card$|cvc|cvv|x-fairlead-context-bin)(?!.*(id|count|kind|type)$)/i;

const shapes: readonly (readonly [RegExp, string])[] = [
  [/\beyJ[\w-]{6,}\.[\w-]*\.[\w-]*/g, hidden],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${hidden}`],
  [/(:\/\/[^\s:/@]*):[^\s@/]+@/g, `$1:${hidden}@`],
];

/** Text without tokens and without passwords of URLs, cut where it is over-long. */
export function redactText(text: string): string {
  let safe = text.length > longest ? `${text.slice(0, longest)}... (${text.length} characters)` : text;
  for (const [shape, replacement] of shapes) safe = safe.replace(shape, replacement);
  return safe;
}

/** A copy of the value that can be written as JSON and holds no secret. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint' || typeof value === 'symbol') return String(value);
  if (typeof value === 'function') return `[function ${value.name}]`;
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= deepest) return '[deeper]';
  if (value instanceof Error) return redactError(value, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.slice(0, 100).map((item) => redact(item, depth + 1));
  if (value instanceof Map || value instanceof Set) return redact([...value], depth);
  const copy: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value)) {
    copy[name] = secretName.test(name) && item !== '' && item != null ? hidden : redact(item, depth + 1);
  }
  return copy;
}

function redactError(error: Error, depth: number): Record<string, unknown> {
  const { name, message, stack, cause } = error;
  const code = 'code' in error ? error.code : undefined;
  return {
    name,
    message: redactText(message),
    ...(code === undefined ? {} : { code: redact(code, depth + 1) }),
    ...(RpcError.is(error) && Object.keys(error.details).length > 0
      ? { details: redact(error.details, depth + 1) }
      : {}),
    ...(stack === undefined ? {} : { stack: redactText(stack) }),
    ...(cause === undefined ? {} : { cause: redact(cause, depth + 1) }),
  };
}
