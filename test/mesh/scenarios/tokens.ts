// Signed tokens for scenarios about RequestAuthentication: keys are made anew for every run, with Node's own crypto.
import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
const HOUR = 3600;
const now = Math.floor(Date.now() / 1000);
const KEY_ID = 'parity';

export const ISSUER = 'https://parity.example';
/** The public key, as `jwks` of a rule takes it. */
export const JWKS = JSON.stringify({
  keys: [{ ...pair.publicKey.export({ format: 'jwk' }), kid: KEY_ID, alg: 'RS256', use: 'sig' }],
});

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
function signed(claims: object, key: KeyObject): string {
  const text = `${encoded({ alg: 'RS256', typ: 'JWT', kid: KEY_ID })}.${encoded(claims)}`;
  return `${text}.${createSign('RSA-SHA256').update(text).sign(key, 'base64url')}`;
}

const claims = { iss: ISSUER, sub: 'ann', aud: 'parity', iat: now - HOUR, exp: now + 4 * HOUR };
export const VALID = signed(
  { ...claims, groups: ['staff', 'admin'], tier: 'gold', realm: { role: 'keeper' } },
  pair.privateKey,
);
export const PLAIN = signed({ ...claims, groups: ['staff'], tier: 'silver' }, pair.privateKey);
export const EXPIRED = signed({ ...claims, exp: now - HOUR / 2 }, pair.privateKey);
export const NOT_YET = signed({ ...claims, nbf: now + HOUR }, pair.privateKey);
export const FORGED = signed(claims, stranger.privateKey);
export const OTHER_AUDIENCE = signed({ ...claims, aud: 'elsewhere' }, pair.privateKey);
export const OTHER_ISSUER = signed({ ...claims, iss: 'https://elsewhere.example' }, pair.privateKey);
