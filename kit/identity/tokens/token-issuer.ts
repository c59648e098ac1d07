// Signs access tokens. The user service issues with it, and tests mint tokens with it, so both make what is verified.
// Keys are Ed25519; the first one signs, all of them are published, so that a key can be replaced without a gap.
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import {
  calculateJwkThumbprint,
  createLocalJWKSet,
  errors,
  type JSONWebKeySet,
  type JWK,
  jwtVerify,
  SignJWT,
} from 'jose';
import { v7 } from 'uuid';
import type { Clock } from '../../clock/clock.ts';
import { type Duration, milliseconds } from '../../duration.ts';
import { type TokenClaims, tokenAlgorithm } from './token-claims.ts';

/** Options of {@link createTokenIssuer}. */
export interface TokenIssuerOptions {
  /** Ed25519 private keys in PEM (PKCS #8); the first one signs. */
  readonly privateKeys: readonly string[];
  readonly issuer: string;
  readonly audience: string;
  readonly clock: Clock;
}

/** A signed token. */
export interface IssuedToken {
  readonly token: string;
  readonly expiresAt: Date;
}

/** A token that was read. */
export interface ReadToken extends TokenClaims {
  readonly expiresAt: Date;
}

/** Signs access tokens and publishes the keys that verify them. */
export interface TokenIssuer {
  issue(claims: TokenClaims, lifetime: Duration): Promise<IssuedToken>;
  /** What a token of this issuer says; undefined when it is forged, expired, for another audience, or no token at all. */
  read(token: string): Promise<ReadToken | undefined>;
  /** Public keys only. */
  readonly keySet: JSONWebKeySet;
}

/** The keys of a text that holds several in PEM, one after the other. */
export function splitKeys(text: string): string[] {
  return text.match(/-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----/g) ?? [];
}

/** A new Ed25519 private key in PEM. */
export function generateSigningKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** Reads the keys and makes an issuer; each key's id is its RFC 7638 thumbprint. */
export async function createTokenIssuer(options: TokenIssuerOptions): Promise<TokenIssuer> {
  const { issuer, audience, clock } = options;
  const keys = options.privateKeys.map(readKey);
  const [signing] = keys;
  if (signing === undefined) throw new TypeError('a token issuer needs at least one Ed25519 private key');
  const published = await Promise.all(keys.map(publicJwk));
  const kid = published[0]?.kid ?? '';
  const keySet = { keys: published };
  const verifying = createLocalJWKSet(keySet);
  return {
    keySet,
    async read(token) {
      const currentDate = clock.now();
      const options = { algorithms: [tokenAlgorithm], requiredClaims: ['sub', 'exp'], issuer, audience, currentDate };
      try {
        const { payload } = await jwtVerify(token, verifying, options);
        // Our own signature says that the claims are those of `issue`.
        return { ...(payload as unknown as TokenClaims), expiresAt: new Date((payload.exp ?? 0) * 1000) };
      } catch (error) {
        if (error instanceof errors.JOSEError) return undefined;
        throw error;
      }
    },
    async issue(claims, lifetime) {
      const now = Math.floor(clock.now().getTime() / 1000);
      const expires = now + Math.floor(milliseconds(lifetime) / 1000);
      const { sub, ...rest } = claims;
      const token = await new SignJWT(rest)
        .setProtectedHeader({ alg: tokenAlgorithm, kid, typ: 'at+jwt' })
        .setSubject(sub)
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt(now)
        .setExpirationTime(expires)
        .setJti(v7())
        .sign(signing);
      return { token, expiresAt: new Date(expires * 1000) };
    },
  };
}

function readKey(pem: string): KeyObject {
  const key = createPrivateKey(pem);
  if (key.asymmetricKeyType !== 'ed25519') {
    throw new TypeError(`a token is signed with an Ed25519 key, this one is ${key.asymmetricKeyType ?? 'symmetric'}`);
  }
  return key;
}

async function publicJwk(key: KeyObject): Promise<JWK> {
  const jwk = createPublicKey(key).export({ format: 'jwk' }) as JWK;
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: tokenAlgorithm, use: 'sig' };
}
