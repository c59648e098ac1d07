// Bytes to a request that a handler may trust: within its method's size, well formed, and within the contract's rules.
// All that is wrong with a request is said at once, one violation a field.
import { RpcError } from '../errors/rpc-error.ts';
import type { ServedMethod } from './served-method.ts';

/**
 * Decodes and checks one request message.
 *
 * @throws RpcError RESOURCE_EXHAUSTED, INVALID_ARGUMENT; DecodeError for bytes that are no such message
 */
export function readRequest(method: ServedMethod, bytes: Buffer): object {
  if (bytes.length > method.maxRequestBytes) {
    throw new RpcError('RESOURCE_EXHAUSTED', `the request is larger than ${method.maxRequestBytes} bytes`, {
      reason: 'REQUEST_TOO_LARGE',
    });
  }
  const request = method.contract.request.decode(bytes);
  const violations = method.validate?.(request);
  if (violations !== undefined && violations.length > 0) {
    const [first] = violations;
    const where = violations.length === 1 ? first?.field : `${violations.length} fields`;
    throw new RpcError('INVALID_ARGUMENT', `the request is not valid: ${where}: ${first?.description}`, {
      reason: 'INVALID_REQUEST',
      fieldViolations: violations,
    });
  }
  return request;
}
