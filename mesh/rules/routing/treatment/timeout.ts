// How long a call may take: the smaller of the route's timeout and the caller's `grpc-timeout`.
// Sources: istio route.go setTimeout (max_grpc_timeout = timeout); Envoy router.cc FilterUtility::finalTimeout; gRPC PROTOCOL-HTTP2.

import type { HeaderView } from '../match/call.ts';

const UNIT_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };

/** Parses `grpc-timeout` (at most 8 digits and a unit) to milliseconds, rounded up; undefined when it is not one. */
export function parseGrpcTimeout(value: string | undefined): number | undefined {
  const last = value === undefined ? 0 : value.length - 1;
  if (value === undefined || last < 1 || last > 8) return undefined;
  const unit = UNIT_MS[value[last] ?? ''];
  let amount = 0;
  for (let i = 0; i < last; i++) {
    const digit = value.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    amount = amount * 10 + digit;
  }
  return unit === undefined ? undefined : Math.ceil(amount * unit);
}

/** The deadline of a gRPC caller; in any other request Envoy does not look at the field. */
export function grpcDeadlineMs(headers: HeaderView): number | undefined {
  const value = headers.get('grpc-timeout');
  return value !== undefined && headers.get('content-type')?.startsWith('application/grpc') === true
    ? parseGrpcTimeout(value)
    : undefined;
}

/** Writes milliseconds so that they fit into 8 digits. */
export function formatGrpcTimeout(ms: number): string {
  const whole = Math.max(1, Math.ceil(ms));
  if (whole < 100_000_000) return `${whole}m`;
  const seconds = Math.ceil(whole / 1000);
  return seconds < 100_000_000 ? `${seconds}S` : `${Math.min(99_999_999, Math.ceil(seconds / 60))}M`;
}

/**
 * The time for the whole call, retries included. 0 is "no limit", as in Envoy.
 *
 * @param routeMs - the route's `timeout`; 0 or absent is none.
 * @param grpcTimeoutMs - the caller's deadline.
 */
export function callTimeoutMs(routeMs: number | undefined, grpcTimeoutMs: number | undefined): number {
  const route = routeMs ?? 0;
  const caller = grpcTimeoutMs ?? 0;
  if (route === 0) return caller;
  return caller === 0 || caller > route ? route : caller;
}
