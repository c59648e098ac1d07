import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../clock/manual-clock.ts';
import { RpcError } from '../../errors/rpc-error.ts';
import { createRateLimits } from './rate-limits.ts';
import { TokenBuckets } from './token-buckets.ts';

test('a burst is bounded by the quota, and tokens come back steadily', async () => {
  const clock = new ManualClock();
  const buckets = new TokenBuckets({ requests: 4, window: '1m' }, clock);
  const burst = Array.from({ length: 6 }, () => buckets.take('a').allowed);
  assert.deepEqual(burst, [true, true, true, true, false, false]);
  assert.deepEqual(buckets.take('a'), { allowed: false, remaining: 0, resetMs: 60_000, retryMs: 15_000 });
  await clock.advance(14_999);
  assert.equal(buckets.take('a').allowed, false);
  await clock.advance(1);
  assert.equal(buckets.take('a').allowed, true);
  assert.equal(buckets.take('b').remaining, 3, 'others have their own');
  await clock.advance(3_600_000);
  assert.equal(buckets.take('a').remaining, 3, 'never more than the quota');
});

test('a clock that goes back takes nothing away', () => {
  let now = 1_000_000;
  const buckets = new TokenBuckets({ requests: 2, window: '1s' }, { now: () => new Date(now), sleep: async () => {} });
  buckets.take('a');
  now -= 500_000;
  assert.equal(buckets.take('a').allowed, true);
  assert.equal(buckets.take('a').allowed, false);
});

test('the number of keys is bounded', () => {
  const buckets = new TokenBuckets({ requests: 2, window: '1s' }, new ManualClock());
  for (let index = 0; index < 50_100; index += 1) buckets.take(`key ${index}`);
  assert.equal(buckets.size, 50_000);
});

test('a quota of nothing is no limit and has no header', () => {
  const headers = new Map<string, string>();
  const quotas = { address: { requests: 0, window: '1m' }, principal: { requests: 1, window: '1m' } } as const;
  const limits = createRateLimits(quotas, new ManualClock());
  for (let round = 0; round < 10; round += 1) limits.take('address', 'a', headers);
  assert.equal(headers.size, 0);
  limits.take('principal', 'u', headers);
  assert.equal(headers.get('ratelimit'), '"principal";r=0;t=60');
  assert.throws(
    () => limits.take('principal', 'u', headers),
    (error) => RpcError.is(error) && error.details.retryDelayMs === 60_000,
  );
});
