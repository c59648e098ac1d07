import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { durationBounds, Latencies } from './latencies.ts';

test('percentiles are at most a sixteenth above the true value', () => {
  const seconds = fc.array(fc.double({ min: 1e-5, max: 60, noNaN: true }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(seconds, fc.constantFrom(0.5, 0.95, 0.99, 1), (durations, share) => {
      const latencies = new Latencies();
      for (const duration of durations) latencies.record(duration);
      const sorted = durations.toSorted((a, b) => a - b);
      const truth = sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
      const found = latencies.percentile(share);
      assert.ok(
        found >= truth * 0.999 && found <= Math.min(truth * (1 + 1 / 16) + 1e-6, Math.max(...durations)),
        `${found} for ${truth}`,
      );
    }),
  );
});

test('a duration on a bound belongs to the bucket below it, as Prometheus counts', () => {
  const latencies = new Latencies();
  for (const bound of durationBounds) latencies.record(bound);
  latencies.record(11);
  assert.deepEqual([...latencies.counts], Array(durationBounds.length + 1).fill(1));
  assert.equal(latencies.count, durationBounds.length + 1);
});

test('nothing recorded gives zero, and absurd durations do not throw', () => {
  const latencies = new Latencies();
  assert.equal(latencies.percentile(0.5), 0);
  latencies.record(0);
  latencies.record(1e9);
  latencies.record(-1);
  assert.equal(latencies.count, 3);
});
