// The load tester counts what it did; how fast the machine was is nobody's business here.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RpcError } from '../errors/rpc-error.ts';
import { loadTest } from './load-test.ts';

describe('loadTest', () => {
  it('sends the calls that are due, and sorts errors by code', async () => {
    const result = await loadTest({
      duration: '200ms',
      rate: 500,
      concurrency: 4,
      call: async (n) => {
        if (n % 10 === 0) throw new RpcError('UNAVAILABLE', 'away');
        if (n % 10 === 1) throw new Error('unknown');
      },
    });
    assert.equal(result.calls, 100);
    assert.equal(result.errors, 20);
    assert.deepEqual(result.errorsByCode, { UNAVAILABLE: 10, UNKNOWN: 10 });
    assert.ok(result.p50 <= result.p95 && result.p95 <= result.p99 && result.p99 <= result.max);
  });

  it('never has more calls under way than it may', async () => {
    let [now, most] = [0, 0];
    await loadTest({
      duration: '50ms',
      concurrency: 3,
      call: async () => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setImmediate(resolve));
        now--;
      },
    });
    assert.equal(most, 3);
  });

  it('counts time in line as part of the answer', async () => {
    const result = await loadTest({
      duration: '100ms',
      rate: 100,
      concurrency: 1,
      // The first call holds up all others, which were due meanwhile.
      call: (n) => new Promise((resolve) => setTimeout(resolve, n === 0 ? 150 : 0)),
    });
    assert.equal(result.calls, 10);
    assert.ok(result.p50 >= 50, `half of the calls waited, p50 was ${result.p50}`);
  });
});
