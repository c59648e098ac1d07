// When a failed attempt is tried again, and after how long.
// Sources: istio route/retry/retry.go (defaults, parseRetryOn); Envoy source/common/router/retry_state_impl.cc.

import { GRPC_STATUS } from '../../grpc-status.ts';
import type { Retries } from '../../read/kinds/virtual-service.ts';

export interface RetryPolicy {
  /** How many times more after the first attempt. */
  readonly attempts: number;
  readonly perTryTimeoutMs?: number;
  readonly on: ReadonlySet<string>;
  readonly statusCodes: ReadonlySet<number>;
  readonly baseBackoffMs: number;
  readonly maxBackoffMs: number;
  /** Prefer instances that this call has not tried yet. */
  readonly avoidPrevious: boolean;
}

/** How an attempt ended, as far as retrying is concerned. */
export type AttemptOutcome =
  | {
      readonly kind: 'response';
      readonly httpStatus: number;
      /** From the response headers (a response of trailers alone). A status that follows data cannot be retried. */
      readonly grpcStatus?: number;
      /** The other side's proxy says `x-envoy-ratelimited`. */
      readonly rateLimited?: boolean;
    }
  | {
      readonly kind: 'reset';
      readonly reason:
        | 'connection-failure'
        | 'refused-stream'
        | 'remote-reset'
        | 'connection-lost'
        | 'per-try-timeout'
        | 'overflow';
      /** False while nothing of the request has left for the other side. */
      readonly requestStarted: boolean;
    };

const DEFAULT_ON = 'connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes';

/**
 * Istio's reading of `retries`: absent means two more attempts on the default conditions, `attempts: 0` means none.
 *
 * @param avoidPrevious - false for consistent hashing, where another instance would be the wrong one.
 */
export function compileRetries(retries: Retries | undefined, avoidPrevious: boolean): RetryPolicy | undefined {
  const attempts = retries === undefined ? 2 : (retries.attempts ?? 0);
  if (attempts === 0) return undefined;
  const { on, statusCodes } = parseRetryOn(
    retries?.retryOn === undefined || retries.retryOn === '' ? DEFAULT_ON : retries.retryOn,
  );
  const base = retries?.backoff ?? 25;
  return {
    attempts,
    ...(retries?.perTryTimeout === undefined ? {} : { perTryTimeoutMs: retries.perTryTimeout }),
    on,
    // The default conditions name no status code: EXCLUDE_UNSAFE_503_FROM_DEFAULT_RETRY is on in current Istio.
    statusCodes,
    baseBackoffMs: base,
    maxBackoffMs: base * 10,
    avoidPrevious: retries?.retryIgnorePreviousHosts ?? avoidPrevious,
  };
}

export function parseRetryOn(source: string): { on: ReadonlySet<string>; statusCodes: ReadonlySet<number> } {
  const on = new Set<string>();
  const statusCodes = new Set<number>();
  for (const part of source.split(',').map((each) => each.trim())) {
    if (/^[0-9]{3}$/.test(part)) statusCodes.add(Number(part));
    else if (part !== '') on.add(part);
  }
  if (statusCodes.size > 0) on.add('retriable-status-codes');
  return { on, statusCodes };
}

const GRPC_CONDITIONS: ReadonlyMap<number, string> = new Map([
  [GRPC_STATUS.CANCELLED, 'cancelled'],
  [GRPC_STATUS.DEADLINE_EXCEEDED, 'deadline-exceeded'],
  [GRPC_STATUS.INTERNAL, 'internal'],
  [GRPC_STATUS.RESOURCE_EXHAUSTED, 'resource-exhausted'],
  [GRPC_STATUS.UNAVAILABLE, 'unavailable'],
]);

/** Does the policy call this outcome retriable? How many attempts are left is the caller's count. */
export function isRetriable(policy: RetryPolicy, outcome: AttemptOutcome): boolean {
  const { on } = policy;
  if (outcome.kind === 'reset') {
    // A full connection pool is never retried: it would only add to the load (retry_state_impl.cc).
    if (outcome.reason === 'overflow') return false;
    if (on.has('reset') || on.has('5xx') || on.has('gateway-error')) return true;
    if (on.has('reset-before-request') && !outcome.requestStarted) return true;
    if (on.has('refused-stream') && outcome.reason === 'refused-stream') return true;
    return on.has('connect-failure') && outcome.reason === 'connection-failure';
  }
  const { httpStatus, grpcStatus } = outcome;
  if (outcome.rateLimited === true) return on.has('envoy-ratelimited');
  if (on.has('5xx') && httpStatus >= 500 && httpStatus <= 599) return true;
  if (on.has('gateway-error') && httpStatus >= 502 && httpStatus <= 504) return true;
  if (on.has('retriable-4xx') && httpStatus === 409) return true;
  if (on.has('retriable-status-codes') && policy.statusCodes.has(httpStatus)) return true;
  const condition = grpcStatus === undefined ? undefined : GRPC_CONDITIONS.get(grpcStatus);
  return condition !== undefined && on.has(condition);
}

/**
 * The pause before the n-th retry (from 1): fully jittered exponential back-off, Envoy's JitteredExponentialBackOffStrategy.
 *
 * @param random - in [0, 1).
 */
export function backoffMs(policy: RetryPolicy, retry: number, random: number): number {
  const ceiling = Math.min(policy.baseBackoffMs * 2 ** (retry - 1), policy.maxBackoffMs);
  return Math.floor(random * ceiling);
}
