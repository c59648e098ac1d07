// The grpc-timeout field: at most eight digits and a unit (PROTOCOL-HTTP2.md).
// Encoding rounds up to the next unit that fits, so a call never gets less time than it asked for.

const UNITS: Record<string, number> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 };

/** Milliseconds (fractions possible), or `undefined` when the field is malformed. */
export function parseTimeout(text: string): number | undefined {
  const last = text.length - 1;
  if (last < 1 || last > 8) return undefined;
  let value = 0;
  for (let i = 0; i < last; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  const unit = UNITS[text.charAt(last)];
  return unit === undefined ? undefined : value * unit;
}

/** The field for `milliseconds`, which may be a fraction; 0 and less become the smallest timeout. */
export function formatTimeout(milliseconds: number): string {
  if (milliseconds <= 0) return '1n';
  if (milliseconds < 1) return `${Math.ceil(milliseconds * 1000)}u`;
  const whole = Math.ceil(milliseconds);
  if (whole < 1e8) return `${whole}m`;
  const seconds = Math.ceil(whole / 1000);
  if (seconds < 1e8) return `${seconds}S`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 1e8) return `${minutes}M`;
  return `${Math.min(Math.ceil(minutes / 60), 99_999_999)}H`;
}
