// Durations as text with a unit ('250ms', '5s', '2m', '1h'): a bare number never says what it counts.
// The same text is valid in Istio fields, so a manifest's value can be copied into a rule unchanged.

/** A length of time with its unit, for example `'250ms'`, `'5s'`, `'2m'`, `'1h'`. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h'}`;

const factors: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const pattern = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;

/**
 * A duration in milliseconds.
 *
 * @throws TypeError when the text is not a number with one of the units ms, s, m, h.
 */
export function milliseconds(duration: Duration): number {
  const match = pattern.exec(duration);
  const factor = factors[match?.[2] ?? ''];
  if (match === null || factor === undefined) {
    throw new TypeError(`'${duration}' is not a duration; write a number and a unit, for example '500ms' or '5s'`);
  }
  return Number(match[1]) * factor;
}

/** A `google.protobuf.Duration` in milliseconds; `fallback` when there is none. */
export function millisecondsOf(
  duration: { readonly seconds: number; readonly nanos: number } | null,
  fallback: Duration,
): number {
  return duration === null ? milliseconds(fallback) : duration.seconds * 1_000 + duration.nanos / 1e6;
}
