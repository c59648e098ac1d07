// Histogram buckets of the services: an objective for latency has to be one of their bounds, or it cannot be measured.
// These are the bounds of the OpenTelemetry RPC conventions, which the kit's metrics have.
import { SynthError } from '../../model/synth-error.ts';

const bounds: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Bounds of the duration histograms. */
export const durationBuckets = {
  /**
   * Selects the bucket that ends at a bound; Prometheus 3 writes whole numbers as `1.0`, older ones as `1`.
   *
   * @throws SynthError when no bucket ends there
   */
  selector(seconds: number, service: string): string {
    if (bounds.includes(seconds)) {
      return Number.isInteger(seconds) ? `le=~"${seconds}(\\\\.0)?"` : `le="${seconds}"`;
    }
    const message = `${seconds} s is no bound of the duration histogram; take one of ${bounds.join(', ')}`;
    throw new SynthError([{ file: 'cdk8s/platform.ts', service, field: 'objectives.latency', message }]);
  },
};
