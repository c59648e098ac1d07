// Page tokens (AIP-158): where the next page begins, sealed, so that a caller can neither read meaning into one nor forge it.
// A token belongs to its method and filters: with others it is refused, as is one that was tampered with.
import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { RpcError } from '../errors/rpc-error.ts';

/** Values of the last row by which rows are ordered: where the next page begins. */
export type Cursor = readonly (string | number | boolean | null)[];

/** Bytes of HMAC-SHA-256 that a token carries. */
const sealBytes = 16;
const keyLabel = 'fairlead page tokens';

const keys = new WeakMap<object, Buffer>();

/**
 * Sets the key that seals the tokens of a running service. All replicas derive the same one from a secret that they share.
 *
 * @param config the application's configuration object, which stands for the running service
 * @param secret undefined: tokens hold as long as the process
 */
export function setPageKey(config: object, service: string, secret: string | undefined): void {
  const material = secret === undefined ? randomBytes(32) : Buffer.from(secret);
  keys.set(config, Buffer.from(hkdfSync('sha256', material, '', `${keyLabel} ${service}`, 32)));
}

function keyOf(config: object): Buffer {
  let key = keys.get(config);
  if (key === undefined) {
    key = randomBytes(32);
    keys.set(config, key);
  }
  return key;
}

function seal(config: object, binding: string, payload: Buffer): Buffer {
  const mac = createHmac('sha256', keyOf(config)).update(binding).update('\0').update(payload);
  return mac.digest().subarray(0, sealBytes);
}

/**
 * Makes a token.
 *
 * @param binding what the token belongs to; the same is asked for when it comes back
 */
export function sealPageToken(config: object, binding: string, cursor: Cursor): string {
  const payload = Buffer.from(JSON.stringify(cursor));
  return Buffer.concat([seal(config, binding, payload), payload]).toString('base64url');
}

function refuse(): RpcError {
  return new RpcError('INVALID_ARGUMENT', 'the page_token is not one that this method gave for this request', {
    reason: 'PAGE_TOKEN_INVALID',
    fieldViolations: [
      {
        field: 'page_token',
        description: 'must be the next_page_token of an answer to a request with the same filters, or empty',
        reason: 'page_token',
      },
    ],
  });
}

/**
 * Opens a token.
 *
 * @throws RpcError INVALID_ARGUMENT naming page_token
 */
export function openPageToken(config: object, binding: string, token: string): Cursor {
  const bytes = Buffer.from(token, 'base64url');
  const payload = bytes.subarray(sealBytes);
  // Decoding passes over characters that do not belong: only the one spelling of a token is that token.
  if (bytes.toString('base64url') !== token || payload.length === 0) throw refuse();
  if (!timingSafeEqual(bytes.subarray(0, sealBytes), seal(config, binding, payload))) throw refuse();
  return JSON.parse(payload.toString()) as Cursor;
}
