// What an access token says: the one place where the user service that signs and the kit that verifies agree.
// Claims are registered ones (RFC 7519, RFC 9068) wherever there is one.

/** Signature algorithm of access tokens (RFC 8037); any other is refused. */
export const tokenAlgorithm = 'EdDSA';

/** How the user proved who they are. A token from an API key cannot do what takes a person (`AUDIENCE_PUBLIC`). */
export type Credential = 'access_token' | 'api_key';

/** Claims of an access token beside `iss`, `aud`, `iat`, `exp` and `jti`. */
export interface TokenClaims {
  /** UUIDv7 of the user. */
  readonly sub: string;
  /** `customer`, `support`, `admin`, `partner`. */
  readonly roles: readonly string[];
  /** @default 'access_token' */
  readonly credential?: Credential;
  /** Id, never the secret, of the API key that was exchanged. @default - none */
  readonly api_key_id?: string;
  /** Id of the login, by which revocation can be looked up. @default - none */
  readonly sid?: string;
}
