// How a WebSocket is closed for each outcome of its call, in the codes of RFC 6455, 7.4.1, and the IANA registry.
import type { Code } from '../../errors/rpc-error.ts';

const closeCodes: Readonly<Partial<Record<Code, number>>> = {
  // 1007: data that does not fit the kind of message.
  INVALID_ARGUMENT: 1007,
  OUT_OF_RANGE: 1007,
  // 1008: policy.
  UNAUTHENTICATED: 1008,
  PERMISSION_DENIED: 1008,
  NOT_FOUND: 1008,
  FAILED_PRECONDITION: 1008,
  // 1013: try again later.
  RESOURCE_EXHAUSTED: 1013,
  UNAVAILABLE: 1013,
  DEADLINE_EXCEEDED: 1013,
  ABORTED: 1013,
};

/** Close code of a failed call; 1011 where the fault is the platform's. */
export function closeCode(code: Code): number {
  return closeCodes[code] ?? 1011;
}

/** The reason phrase, cut to the 123 bytes that a close frame holds. */
export function closeReason(code: Code, message: string): string {
  const bytes = Buffer.from(`${code}: ${message}`);
  return bytes.length <= 123
    ? bytes.toString()
    : new TextDecoder().decode(bytes.subarray(0, 120)).replace(/\ufffd+$/, '');
}
