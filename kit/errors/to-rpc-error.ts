// The one place where whatever a handler threw becomes a canonical status.
// What is not an RpcError says nothing to the caller but "internal error"; its cause stays in the process.
import { DecodeError } from '../contract/codec/reader.ts';
import { type Code, codes, RpcError } from './rpc-error.ts';

const names: ReadonlyMap<number, Code> = new Map(Object.entries(codes).map(([name, number]) => [number, name as Code]));

/** Name of a canonical code; numbers outside of the canon are UNKNOWN, as the gRPC specification says. */
export function codeOf(number: number): Code {
  return names.get(number) ?? 'UNKNOWN';
}

/** The error as it may leave the process. */
export function toRpcError(error: unknown): RpcError {
  if (RpcError.is(error)) return error;
  if (error instanceof DecodeError) {
    return new RpcError('INVALID_ARGUMENT', `the request is malformed: ${error.message}`, {
      reason: 'MALFORMED_MESSAGE',
      cause: error,
    });
  }
  return new RpcError('INTERNAL', 'internal error', { cause: error });
}
