// Generated from proto/ by `npm run generate`. Do not edit.
import type { UserContext } from '../../api/v1/context.ts';
import type { ApiKey, JsonWebKey, TokenPair, User } from './user.ts';

/** Asks for an account. */
export interface RegisterRequest {
  /** Becomes lower case. */
  email: string;
  /** 10 to 128 characters; the upper limit bounds the work of hashing. */
  password: string;
  /** How the user wants to be addressed. */
  displayName: string;
  /** BCP 47 language tag, such as `en-GB`. Empty: the platform's default. */
  locale: string;
}

/** The new account, logged in. */
export interface RegisterResponse {
  user: User | null;
  tokens: TokenPair | null;
}

/** Asks to be let in. */
export interface LoginRequest {
  /** In any letter case. */
  email: string;
  /** Any length up to what Register allows, so that a short one fails like any wrong one. */
  password: string;
}

/** The user who logged in. */
export interface LoginResponse {
  user: User | null;
  tokens: TokenPair | null;
}

/** Asks for a new pair of tokens. */
export interface RefreshTokenRequest {
  refreshToken: string;
}

/** The new pair; the old refresh token no longer works. */
export interface RefreshTokenResponse {
  tokens: TokenPair | null;
}

/** Asks about an access token. */
export interface ValidateTokenRequest {
  accessToken: string;
}

/** What the token is worth. */
export interface ValidateTokenResponse {
  /** Signature, audience, lifetime and login are all in order. */
  valid: boolean;
  /** Whose it is; absent if it is not valid. */
  user: UserContext | null;
}

/** Brings an API key's secret. */
export interface ExchangeApiKeyRequest {
  apiKey: string;
}

/** What the API key is worth. */
export interface ExchangeApiKeyResponse {
  /** Signed JWT (EdDSA), valid for minutes. */
  accessToken: string;
  /** Whose it is, with the end of the token's life. */
  user: UserContext | null;
}

/** Asks for the public keys. */
export interface GetJsonWebKeySetRequest {
}

/** A JSON Web Key Set (RFC 7517). */
export interface GetJsonWebKeySetResponse {
  /** The key in use first, then those that older tokens still need. */
  keys: JsonWebKey[];
}

/** Asks for a user. */
export interface GetUserRequest {
  /** UUIDv7, or `me` or nothing for the caller. */
  userId: string;
  /** Fields of User to answer with (AIP-157); absent or empty: all. */
  readMask: { paths: string[] } | null;
}

/** The user. */
export interface GetUserResponse {
  user: User | null;
}

/** Changes a user. */
export interface UpdateUserRequest {
  /** UUIDv7, or `me` or nothing for the caller. */
  userId: string;
  /** The new values. With an `etag`, ABORTED unless it is the current one. */
  user: User | null;
  /**
   * Fields to change; a named field without a value is cleared (AIP-134). Absent or empty: the
   * fields that have a value.
   */
  updateMask: { paths: string[] } | null;
}

/** The user as it is now. */
export interface UpdateUserResponse {
  user: User | null;
}

/** Asks for a new API key. */
export interface CreateApiKeyRequest {
  /** UUIDv7, or `me` or nothing for the caller. */
  userId: string;
  /** What to call it. */
  displayName: string;
  /** When it stops working by itself; absent: never. */
  expireTime: Date | null;
}

/** The new API key. */
export interface CreateApiKeyResponse {
  apiKey: ApiKey | null;
  /** What goes into the `X-API-Key` header. Only its hash is kept, so it cannot be shown again. */
  secret: string;
}

/** Asks for a user's API keys. */
export interface ListApiKeysRequest {
  /** UUIDv7, or `me` or nothing for the caller. */
  userId: string;
  /** At most this many; 0: the service's default. */
  pageSize: number;
  /** From the last answer's `next_page_token`; empty: from the start. */
  pageToken: string;
}

/** One page of API keys. */
export interface ListApiKeysResponse {
  apiKeys: ApiKey[];
  /** Empty: this was the last page. */
  nextPageToken: string;
  /** On all pages together. */
  totalSize: number;
}

/** Revokes an API key. */
export interface RevokeApiKeyRequest {
  /** UUIDv7, or `me` or nothing for the caller. */
  userId: string;
  apiKeyId: string;
}

/** The API key as it is now. */
export interface RevokeApiKeyResponse {
  apiKey: ApiKey | null;
}
