// What an error of PostgreSQL means to the caller: unreachable, worth another try, too slow, or none of them.
// SQLSTATE classes decide (https://www.postgresql.org/docs/18/errcodes-appendix.html), texts only where the driver gives no code.
import { RpcError } from '../errors/rpc-error.ts';

const unreachableStates = new Set(['57P01', '57P02', '57P03', '53300', '25P03']);
const unreachableErrnos = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
const unreachableTexts =
  /^Connection terminated|timeout exceeded when trying to connect|connection error and is not queryable|Client was closed/;

function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}

/** True when the server could not be reached, went away, or takes no more connections. */
export function isUnreachable(error: unknown): boolean {
  if (RpcError.is(error)) return error.cause !== undefined && isUnreachable(error.cause);
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError && error.errors.some(isUnreachable)) return true;
  const code = codeOf(error);
  // A database that is closed to connections refuses them with a state that statements can have too.
  const closed = code === '55000' && /not currently accepting connections/.test(error.message);
  return (
    closed ||
    code.startsWith('08') ||
    unreachableStates.has(code) ||
    unreachableErrnos.has(code) ||
    unreachableTexts.test(error.message)
  );
}

/** True when the same transaction may well succeed at the next try: serialization failure or deadlock. */
export function isSerializationFailure(error: unknown): boolean {
  return codeOf(error) === '40001' || codeOf(error) === '40P01';
}

/** True when a row exists already; `constraint` narrows it to one constraint. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  if (codeOf(error) !== '23505') return false;
  return constraint === undefined || (error as { constraint?: unknown }).constraint === constraint;
}

/** The error as handlers see it: UNAVAILABLE or DEADLINE_EXCEEDED where that is the meaning, else unchanged. */
export function translateDatabaseError(error: unknown): unknown {
  if (RpcError.is(error)) return error;
  if (isUnreachable(error)) return new RpcError('UNAVAILABLE', 'the database cannot be reached', { cause: error });
  if (codeOf(error) === '57014' || codeOf(error) === '55P03') {
    return new RpcError('DEADLINE_EXCEEDED', 'the database took too long', { cause: error });
  }
  return error;
}
