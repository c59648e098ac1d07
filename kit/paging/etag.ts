// Etags (AIP-154): a short name of a resource's state, so that a writer can say which state it has seen.
import { createHash } from 'node:crypto';
import { RpcError } from '../errors/rpc-error.ts';

/** The etag of a state, from whatever changes with it: a version number, a time of update, the encoded message. */
export function etagOf(...parts: readonly (string | number | Date | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    const bytes =
      part instanceof Uint8Array ? part : Buffer.from(part instanceof Date ? part.toISOString() : String(part));
    hash.update(`${bytes.length}:`).update(bytes);
  }
  return `"${hash.digest('base64url').slice(0, 22)}"`;
}

/**
 * Refuses a write whose caller has seen another state.
 *
 * @param given the request's etag; empty: the caller does not mind
 * @throws RpcError ABORTED, as AIP-154 says
 */
export function checkEtag(given: string, current: string): void {
  if (given === '' || given === current) return;
  throw new RpcError('ABORTED', 'the resource has changed since it was read; read it again and repeat the change', {
    reason: 'ETAG_MISMATCH',
    metadata: { etag: current },
  });
}
