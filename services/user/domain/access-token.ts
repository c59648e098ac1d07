// Reads access tokens of our own: what they say, or nothing. Signing them is the kit's token issuer.
// The kit verifies tokens in every service; this asks further, for the login or the API key behind a token.
import { createLocalJWKSet, errors, type JSONWebKeySet, jwtVerify } from 'jose';
import { tokenAlgorithm } from '#kit/identity/token-claims.ts';

/** What proves the user: a login or an API key. */
export type Proof = { readonly loginId: string } | { readonly apiKeyId: string };

/** What a valid token says. */
export interface AccessToken {
  readonly userId: string;
  readonly proof: Proof;
  readonly expireTime: Date;
}

/** Who must have signed, for whom, and what time it is. */
export interface TokenScope {
  readonly issuer: string;
  readonly audience: string;
  readonly now: Date;
}

function proofOf(sid: unknown, apiKeyId: unknown): Proof | undefined {
  if (typeof apiKeyId === 'string') return { apiKeyId };
  return typeof sid === 'string' ? { loginId: sid } : undefined;
}

/** What the token says; undefined when it is forged, expired, meant for somebody else, or no token at all. */
export async function readAccessToken(
  keys: JSONWebKeySet,
  { issuer, audience, now }: TokenScope,
  token: string,
): Promise<AccessToken | undefined> {
  try {
    const { payload } = await jwtVerify(token, createLocalJWKSet(keys), {
      algorithms: [tokenAlgorithm],
      requiredClaims: ['sub', 'exp'],
      issuer,
      audience,
      currentDate: now,
    });
    const { sub = '', exp = 0, sid, api_key_id: apiKeyId } = payload;
    const proof = proofOf(sid, apiKeyId);
    return proof && { userId: sub, proof, expireTime: new Date(exp * 1000) };
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}
