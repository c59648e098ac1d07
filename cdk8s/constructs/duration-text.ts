// Durations as Istio reads them: protobuf durations in Go's spelling, `250ms` or `5s`.
// Whole seconds are written as such, so that a value file reads well.
import type { Duration } from 'cdk8s';

/** `2s` or `650ms`. */
export function seconds(duration: Duration): string {
  const milliseconds = duration.toMilliseconds();
  return milliseconds % 1000 === 0 ? `${milliseconds / 1000}s` : `${milliseconds}ms`;
}
