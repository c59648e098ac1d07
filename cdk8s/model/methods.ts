// Timeouts and retries of a service's methods, from its policy and from what the contract says of idempotency.
// Istio retries twice where nothing is said, so "never" is always written out.
import { Duration } from 'cdk8s';
import type { Contract, ContractMethod } from '#kit/contract/contract.ts';
import type { RetryCondition, RetryPolicy, ServicePolicy } from './policy.ts';
import type { MethodModel, Retries } from './service-model.ts';

/** Each of these leaves it certain that an idempotent call may be sent again. */
export const retryConditions: readonly RetryCondition[] = ['connect-failure', 'refused-stream', 'reset', 'unavailable'];

const defaultTimeout = Duration.seconds(2);
const defaultAttempts = 2;
/** Envoy waits 25 ms before the first retry and up to 75 before the second. */
const pause = 50;

function retriesOf(policy: RetryPolicy | false | undefined, timeout: Duration | undefined): Retries {
  if (policy === false) return { attempts: 0, on: [] };
  const attempts = policy?.attempts ?? defaultAttempts;
  if (attempts === 0) return { attempts: 0, on: [] };
  const on = policy?.on ?? retryConditions;
  if (timeout === undefined) return { attempts, on };
  const share = Math.floor((timeout.toMilliseconds() - attempts * pause) / (attempts + 1));
  const tenths = Math.max(10, Math.floor(share / 10) * 10);
  return { attempts, perTryTimeout: policy?.perTryTimeout ?? Duration.millis(tenths), on };
}

function methodOf(method: ContractMethod, policy: ServicePolicy): MethodModel {
  const own = policy.methods?.[method.rpc];
  const streaming = method.kind !== 'unary';
  const idempotent = method.idempotency !== 'UNKNOWN';
  const timeout = own?.timeout ?? (streaming ? undefined : (policy.timeout ?? defaultTimeout));
  // A stream of requests cannot be sent again: the proxy would have to keep all of it.
  const repeatable = idempotent && method.kind !== 'clientStream' && method.kind !== 'bidiStream';
  return {
    contract: method,
    rpc: method.rpc,
    path: method.path,
    streaming,
    idempotent,
    ...(timeout === undefined ? {} : { timeout }),
    retries: repeatable ? retriesOf(own?.retries ?? policy.retries, timeout) : retriesOf(false, timeout),
    ...(own?.covers === undefined ? {} : { covers: own.covers }),
  };
}

/** The methods of a service, in the contract's order. */
export function methodsOf(contract: Contract | undefined, policy: ServicePolicy): MethodModel[] {
  return (contract?.methods ?? []).map((method) => methodOf(method, policy));
}

/** Longest time that a call to the method takes with all its retries, in milliseconds; streams need none. */
export function neededMilliseconds(method: MethodModel): number {
  return method.timeout?.toMilliseconds() ?? 0;
}
