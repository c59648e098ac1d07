// Rate limits of the edge: one by address before anything costs, one by principal once it is known who asks.
// Headers: RateLimit and RateLimit-Policy of the IETF draft "RateLimit header fields for HTTP" (draft 10).
import type { Clock } from '../../clock/clock.ts';
import { milliseconds } from '../../duration.ts';
import { RpcError } from '../../errors/rpc-error.ts';
import { type Allowance, type Quota, TokenBuckets } from './token-buckets.ts';

/** Quotas by what they count. */
export interface RateQuotas {
  /** For one address, whoever asks from it. */
  readonly address: Quota;
  /** For one user, or one address where nobody is logged in. */
  readonly principal: Quota;
}

/** Where a limit says what is left; `set` replaces, `get` reads what an earlier limit said. */
export interface HeaderSink {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
}

/** Counts requests. */
export interface RateLimits {
  /** @throws RpcError RESOURCE_EXHAUSTED with the time to wait when the quota is used up */
  take(policy: keyof RateQuotas, key: string, headers: HeaderSink): void;
}

/** Limits with the given quotas, each replica of the edge on its own. */
export function createRateLimits(quotas: RateQuotas, clock: Clock): RateLimits {
  const buckets = {
    address: new TokenBuckets(quotas.address, clock),
    principal: new TokenBuckets(quotas.principal, clock),
  };
  return {
    take(policy, key, headers) {
      const { quota } = buckets[policy];
      if (quota.requests === 0) return;
      const allowance = buckets[policy].take(key);
      append(headers, 'ratelimit-policy', `"${policy}";q=${quota.requests};w=${seconds(milliseconds(quota.window))}`);
      append(headers, 'ratelimit', `"${policy}";r=${allowance.remaining};t=${seconds(allowance.resetMs)}`);
      if (!allowance.allowed) throw exhausted(policy, quota, allowance);
    },
  };
}

function append(headers: HeaderSink, name: string, item: string): void {
  const present = headers.get(name);
  headers.set(name, present === undefined ? item : `${present}, ${item}`);
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1000);
}

function exhausted(policy: keyof RateQuotas, { requests, window }: Quota, { retryMs }: Allowance): RpcError {
  const whose = policy === 'address' ? 'this address' : 'this caller';
  return new RpcError('RESOURCE_EXHAUSTED', `${whose} may send ${requests} requests in ${window}; wait and try again`, {
    reason: 'RATE_LIMITED',
    metadata: { policy },
    retryDelayMs: Math.ceil(retryMs),
  });
}
