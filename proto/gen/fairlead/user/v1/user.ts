// Generated from proto/ by `npm run generate`. Do not edit.
import type { Address } from '../../type/v1/address.ts';

/**
 * Somebody with an account. Requests can set the name, the locale and the address; the rest is set
 * by the service.
 */
export interface User {
  /** UUIDv7. */
  userId: string;
  /** Unique, in lower case. Cannot be changed. */
  email: string;
  /** How the user wants to be addressed. */
  displayName: string;
  /** BCP 47 language tag for messages to the user, such as `en-GB`. Empty: the platform's default. */
  locale: string;
  /** Where orders go unless they say otherwise. */
  shippingAddress: Address | null;
  /** `customer`, `support`, `admin`, `partner`. */
  roles: string[];
  /** When the account was made. */
  createTime: Date | null;
  /** When anything above last changed. */
  updateTime: Date | null;
  /**
   * Changes with every change of the user (AIP-154); the gateway's `ETag`. Sent back in an
   * update, it guards against overwriting somebody else's change.
   */
  etag: string;
}

/** A key for programs that act for a user. Its secret is not here: it is shown once, when made. */
export interface ApiKey {
  /** UUIDv7. */
  apiKeyId: string;
  /** What the user calls it. */
  displayName: string;
  /** First characters of the secret, to tell keys apart. */
  prefix: string;
  /** When it was made. */
  createTime: Date | null;
  /** When it stops working by itself; absent: never. */
  expireTime: Date | null;
  /** When it was last used, to the minute; absent: never. */
  lastUseTime: Date | null;
  /** When it was revoked; absent: it was not. */
  revokeTime: Date | null;
}

/** What a login gives. */
export interface TokenPair {
  /** Signed JWT (EdDSA) for the `Authorization: Bearer` header. */
  accessToken: string;
  /** When the access token stops being valid. */
  accessExpireTime: Date | null;
  /** Good for one RefreshToken call, which replaces it. */
  refreshToken: string;
  /** When the refresh token stops being valid. */
  refreshExpireTime: Date | null;
}

/** A public key that access tokens are signed with (RFC 7517, RFC 8037). */
export interface JsonWebKey {
  /** Key type, `OKP`. */
  kty: string;
  /** Curve, `Ed25519`. */
  crv: string;
  /** Key id, as in the head of a token. */
  kid: string;
  /** Algorithm, `EdDSA`. */
  alg: string;
  /** Use, `sig`. */
  use: string;
  /** The public key, base64url without padding. */
  x: string;
}
