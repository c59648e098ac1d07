// Refusals that name what is wrong as data too: a field of the request, or a condition that is not met.
import { RpcError } from './rpc-error.ts';

/**
 * FAILED_PRECONDITION with one unmet condition.
 *
 * @param type of the condition, UPPER_SNAKE_CASE; the error's reason too
 * @param subject id of what the condition is about
 * @param description sentence for people, the error's message too
 */
export function failedPrecondition(type: string, subject: string, description: string): RpcError {
  const preconditionViolations = [{ type, subject, description }];
  return new RpcError('FAILED_PRECONDITION', description, { reason: type, preconditionViolations });
}

/**
 * INVALID_ARGUMENT for one field, where the contract's own rules cannot say what is wrong with it.
 *
 * @param reason UPPER_SNAKE_CASE; of the error and of the field's violation
 * @param field path of the field in proto names: `items[0].quantity`
 */
export function invalidField(reason: string, field: string, description: string): RpcError {
  const fieldViolations = [{ field, description, reason }];
  return new RpcError('INVALID_ARGUMENT', `${field}: ${description}`, { reason, fieldViolations });
}
