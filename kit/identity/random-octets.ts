// Random octets for ids, drawn from the system a few thousand at a time: drawing 16 of them costs more than a whole call.
// For what tells apart, never for what must stay secret: the octets to come lie in memory.
import { randomFillSync } from 'node:crypto';

/** The pool; what was taken is not used again. */
export const octets: Buffer = Buffer.allocUnsafeSlow(8192);
let used = octets.length;

/** Where in {@link octets} the next `count` octets are, at most 8,192. */
export function takeOctets(count: number): number {
  if (used + count > octets.length) {
    randomFillSync(octets);
    used = 0;
  }
  const start = used;
  used += count;
  return start;
}
