// Token buckets in memory, one a key: a quota for a window, refilled steadily, so that a burst is bounded by the quota.
// The number of keys is bounded; the least recently used is forgotten, which can only be generous to its owner.
import type { Clock } from '../../clock/clock.ts';
import { type Duration, milliseconds } from '../../duration.ts';

/** How much is allowed. */
export interface Quota {
  /** Requests in a window; 0 switches the limit off. */
  readonly requests: number;
  readonly window: Duration;
}

/** What a request got. */
export interface Allowance {
  readonly allowed: boolean;
  /** Whole requests that could follow at once. */
  readonly remaining: number;
  /** Milliseconds until the quota is whole again. */
  readonly resetMs: number;
  /** Milliseconds until one more request is allowed; 0 when it is now. */
  readonly retryMs: number;
}

/** Keys that are remembered. */
const maxKeys = 50_000;

interface Bucket {
  tokens: number;
  at: number;
}

/** Buckets of one policy. */
export class TokenBuckets {
  readonly quota: Quota;
  readonly #clock: Clock;
  /** Milliseconds that one token takes to come back. */
  readonly #interval: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(quota: Quota, clock: Clock) {
    this.quota = quota;
    this.#clock = clock;
    this.#interval = milliseconds(quota.window) / Math.max(1, quota.requests);
  }

  /** Keys that are remembered now. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Takes a token from the key's bucket, if there is one. */
  take(key: string): Allowance {
    const { requests } = this.quota;
    const now = this.#clock.now().getTime();
    const bucket = this.#buckets.get(key) ?? { tokens: requests, at: now };
    const refilled = Math.min(requests, bucket.tokens + Math.max(0, now - bucket.at) / this.#interval);
    const allowed = refilled >= 1;
    bucket.tokens = allowed ? refilled - 1 : refilled;
    bucket.at = now;
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > maxKeys) this.#forgetOldest();
    return {
      allowed,
      remaining: Math.floor(bucket.tokens),
      resetMs: (requests - bucket.tokens) * this.#interval,
      retryMs: allowed ? 0 : (1 - bucket.tokens) * this.#interval,
    };
  }

  #forgetOldest(): void {
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}
