// Injected faults. Delay comes before abort; a percentage that is not given is 0, so nothing is injected.
// Sources: istio route.go TranslateFault; Envoy source/extensions/filters/http/fault/fault_filter.cc.

import { GRPC_STATUS, grpcToHttpStatus, httpToGrpcStatus } from '../../grpc-status.ts';
import type { Fault } from '../../read/kinds/virtual-service.ts';

export interface FaultPolicy {
  readonly delay?: { readonly ms: number; readonly percent: number };
  readonly abort?: { readonly httpStatus: number; readonly grpcStatus: number; readonly percent: number };
}

export interface InjectedFault {
  readonly delayMs?: number;
  readonly abort?: { readonly httpStatus: number; readonly grpcStatus: number };
}

export function compileFault(fault: Fault | undefined): FaultPolicy | undefined {
  const delay = fault?.delay;
  const abort = fault?.abort;
  const result: FaultPolicy = {
    ...(delay?.fixedDelay === undefined
      ? {}
      : { delay: { ms: delay.fixedDelay, percent: delay.percentage?.value ?? delay.percent ?? 0 } }),
    ...(abort === undefined ? {} : { abort: { ...abortStatus(abort), percent: abort.percentage?.value ?? 0 } }),
  };
  return result.delay === undefined && result.abort === undefined ? undefined : result;
}

function abortStatus(abort: NonNullable<Fault['abort']>): { httpStatus: number; grpcStatus: number } {
  if (abort.grpcStatus !== undefined) {
    const grpcStatus = GRPC_STATUS[abort.grpcStatus as keyof typeof GRPC_STATUS];
    return { grpcStatus, httpStatus: grpcToHttpStatus(grpcStatus) };
  }
  const httpStatus = abort.httpStatus ?? 503;
  return { httpStatus, grpcStatus: httpToGrpcStatus(httpStatus) };
}

/** Which faults hit this call. Each draw is a number in [0, 1). */
export function drawFault(
  policy: FaultPolicy | undefined,
  draw: { readonly delay: number; readonly abort: number },
): InjectedFault | undefined {
  if (policy === undefined) return undefined;
  const delayed = policy.delay !== undefined && draw.delay * 100 < policy.delay.percent;
  const aborted = policy.abort !== undefined && draw.abort * 100 < policy.abort.percent;
  if (!delayed && !aborted) return undefined;
  return {
    ...(delayed ? { delayMs: policy.delay?.ms ?? 0 } : {}),
    ...(aborted && policy.abort !== undefined
      ? { abort: { httpStatus: policy.abort.httpStatus, grpcStatus: policy.abort.grpcStatus } }
      : {}),
  };
}
