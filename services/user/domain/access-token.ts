// Access tokens: signed JWTs (RFC 9068 in spirit) that every service verifies by itself with the public keys.
// The login or the API key behind a token is named in it, so that revocation can be looked up by whoever asks.
import { errors, jwtVerify, SignJWT } from 'jose';
import type { KeyRing } from './signing-key.ts';

/** What proves the user: a login's id or an API key's. */
export type Credential =
  | { readonly kind: 'CREDENTIAL_KIND_ACCESS_TOKEN'; readonly loginId: string }
  | { readonly kind: 'CREDENTIAL_KIND_API_KEY'; readonly apiKeyId: string };

/** What a token says. */
export interface AccessClaims {
  readonly userId: string;
  readonly roles: readonly string[];
  readonly credential: Credential;
  readonly expireTime: Date;
}

/** Who signs and for whom. */
export interface TokenScope {
  readonly issuer: string;
  readonly audience: string;
}

/** Signs a token with the first key of the ring. */
export function signAccessToken(keys: KeyRing, scope: TokenScope, claims: AccessClaims, now: Date): Promise<string> {
  const { credential } = claims;
  const proof =
    credential.kind === 'CREDENTIAL_KIND_API_KEY' ? { api_key_id: credential.apiKeyId } : { sid: credential.loginId };
  return new SignJWT({ roles: [...claims.roles], ...proof })
    .setProtectedHeader({ alg: 'EdDSA', kid: keys[0].jwk.kid, typ: 'at+jwt' })
    .setIssuer(scope.issuer)
    .setAudience(scope.audience)
    .setSubject(claims.userId)
    .setIssuedAt(now)
    .setExpirationTime(claims.expireTime)
    .sign(keys[0].privateKey);
}

/** What a token of ours says; undefined when it is forged, expired, for somebody else, or no token at all. */
export async function readAccessToken(
  keys: KeyRing,
  scope: TokenScope,
  token: string,
  now: Date,
): Promise<AccessClaims | undefined> {
  try {
    const { payload } = await jwtVerify(
      token,
      ({ kid }) => {
        const key = keys.find(({ jwk }) => jwk.kid === kid);
        if (key === undefined) throw new errors.JWKSNoMatchingKey();
        return key.publicKey;
      },
      { ...scope, algorithms: ['EdDSA'], currentDate: now, requiredClaims: ['sub', 'exp'] },
    );
    const { sub = '', exp = 0, roles, sid, api_key_id: apiKeyId } = payload;
    const credential: Credential | undefined =
      typeof apiKeyId === 'string'
        ? { kind: 'CREDENTIAL_KIND_API_KEY', apiKeyId }
        : typeof sid === 'string'
          ? { kind: 'CREDENTIAL_KIND_ACCESS_TOKEN', loginId: sid }
          : undefined;
    if (credential === undefined || !Array.isArray(roles)) return undefined;
    return { userId: sub, roles: roles.map(String), credential, expireTime: new Date(exp * 1000) };
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}
