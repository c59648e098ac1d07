// Makes the tokens of a user: a pair for a login, a single access token for an API key.
// Access tokens are short because no service asks whether they were revoked; refresh tokens are long and revocable.
import { type Duration, milliseconds } from '#kit/duration.ts';
import type { IssuedToken, TokenIssuer } from '#kit/identity/token-issuer.ts';
import type { TokenPair } from '#proto/fairlead/user/v1/user.ts';
import { hashSecret, newRefreshToken } from './secret.ts';

/** Whom a token is for. */
export interface Subject {
  readonly userId: string;
  readonly roles: readonly string[];
}

/** Lifetimes, as the configuration has them. */
export interface Lifetimes {
  readonly USER_ACCESS_TOKEN_LIFETIME: Duration;
  readonly USER_REFRESH_TOKEN_LIFETIME: Duration;
}

/** A pair of tokens for a login, and what has to be stored of it. */
export async function issueTokenPair(
  issuer: TokenIssuer,
  { userId, roles }: Subject,
  loginId: string,
  lifetimes: Lifetimes,
  now: Date,
): Promise<{ readonly pair: TokenPair; readonly refreshHash: Buffer; readonly refreshExpireTime: Date }> {
  const access = await issuer.issue({ sub: userId, roles, sid: loginId }, lifetimes.USER_ACCESS_TOKEN_LIFETIME);
  const refreshToken = newRefreshToken();
  const refreshExpireTime = new Date(now.getTime() + milliseconds(lifetimes.USER_REFRESH_TOKEN_LIFETIME));
  return {
    pair: { accessToken: access.token, accessExpireTime: access.expiresAt, refreshToken, refreshExpireTime },
    refreshHash: hashSecret(refreshToken),
    refreshExpireTime,
  };
}

/** An access token for an API key; it ends no later than the key. */
export function issueKeyToken(
  issuer: TokenIssuer,
  { userId, roles }: Subject,
  key: { readonly apiKeyId: string; readonly expireTime: Date | null },
  lifetimes: Lifetimes,
  now: Date,
): Promise<IssuedToken> {
  const most = milliseconds(lifetimes.USER_ACCESS_TOKEN_LIFETIME);
  const left = key.expireTime === null ? most : key.expireTime.getTime() - now.getTime();
  return issuer.issue(
    { sub: userId, roles, credential: 'api_key', api_key_id: key.apiKeyId },
    `${Math.min(most, left)}ms`,
  );
}
