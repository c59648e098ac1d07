// The scalar types of Istio's and Kubernetes' manifests: text, numbers, durations, percentages, ports, enums.
// Durations come out in milliseconds; Istio's JSON form is Go's (`1h30m`, `1.5s`, `100ms`).

import { RE2JS } from 're2js';
import { object, required, type Shape, scalar } from './shape.ts';

export const text: Shape<string> = scalar((value, source) => {
  if (typeof value === 'string') return { value };
  return typeof value === 'number' || typeof value === 'boolean'
    ? `must be text: write it in quotes, '${source}'`
    : 'must be text';
});

/** Kubernetes quotes label values; a bare number in a label is refused by the API server too. */
export const label: Shape<string> = text;

export const flag: Shape<boolean> = scalar((value) =>
  typeof value === 'boolean' ? { value } : 'must be true or false',
);

export function integer(minimum: number, maximum = 2 ** 32 - 1): Shape<number> {
  return scalar((value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= minimum && value <= maximum
      ? { value }
      : `must be a whole number from ${minimum} to ${maximum}`,
  );
}

export const uint32: Shape<number> = integer(0);
export const portNumber: Shape<number> = integer(1, 65535);

/** Istio's `Percent`: `{ value: 12.5 }`, of which Envoy keeps ten-thousandths of a percent. */
export const percent = object({
  value: required(
    scalar<number>((value) =>
      typeof value === 'number' && value >= 0 && value <= 100 ? { value } : 'must be a number from 0 to 100',
    ),
  ),
});

const DURATION = /^([0-9]+(\.[0-9]+)?(h|m|s|ms|us|ns))+$/;
const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1, us: 1e-3, ns: 1e-6 };

/** Parses Go's duration text. Gives milliseconds, or undefined when it is not one. */
export function parseDuration(source: string): number | undefined {
  if (!DURATION.test(source)) return undefined;
  let total = 0;
  for (const [, amount, unit] of source.matchAll(/([0-9]+(?:\.[0-9]+)?)(h|ms|m|us|ns|s)/g))
    total += Number(amount) * (UNIT_MS[unit ?? ''] ?? 0);
  return total;
}

/** Milliseconds; at least 1 ms, as the API server asks where Istio is installed: 0s is refused there, leave the field out. */
export const duration: Shape<number> = scalar((value) => {
  const parsed = typeof value === 'string' ? parseDuration(value) : undefined;
  if (parsed === undefined) return 'must be a duration such as 250ms, 2s or 1m30s';
  return parsed < 1 ? 'must be at least 1ms; leave the field out for none' : { value: parsed };
});

export function oneOf<const T extends string>(...values: readonly T[]): Shape<T> {
  return scalar((value) => {
    const found = values.find((candidate) => candidate === value);
    return found === undefined ? `must be one of ${values.join(', ')}` : { value: found };
  });
}

/** RE2 syntax, checked when it is read: Envoy refuses what RE2 cannot compile, and so do we. */
export const regex: Shape<string> = scalar((value) => {
  if (typeof value !== 'string') return 'must be a regular expression';
  // Istio treats a lone `*` as "present" (istio/istio#20629).
  if (value === '*') return { value };
  try {
    RE2JS.compile(value);
    return { value };
  } catch (error) {
    return `is not a regular expression of RE2: ${error instanceof Error ? error.message : String(error)}`;
  }
});

/** Anything, kept out of the model: for fields that are only reported. */
export const anything: Shape<true> = { leaf: true, read: () => true };
