// What an error of a step says: whether it is worth another try, and what is kept of it.
// Codes that mean "refused, nothing was done" are final; everything else may have happened.
import { type Code, RpcError } from '../errors/rpc-error.ts';
import type { SagaFailure } from './saga.ts';

const refusals: ReadonlySet<Code> = new Set<Code>([
  'INVALID_ARGUMENT',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'FAILED_PRECONDITION',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'UNAUTHENTICATED',
]);

/** True when the called service said that it did nothing and that asking again is no use. */
export function isRefusal(error: unknown): boolean {
  return RpcError.is(error) && refusals.has(error.code);
}

/** What is stored and handed to `compensated`. Texts of unknown errors stay in the log: the state may be shown to users. */
export function failureOf(step: string, error: unknown): SagaFailure {
  if (!RpcError.is(error)) return { step, code: 'INTERNAL', message: 'internal error' };
  const { reason, preconditionViolations } = error.details;
  return {
    step,
    code: error.code,
    message: error.message,
    ...(reason === undefined ? {} : { reason }),
    ...(preconditionViolations === undefined ? {} : { preconditionViolations }),
  };
}
