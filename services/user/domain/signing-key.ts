// The Ed25519 keys of access tokens (RFC 8037). The first signs; the others verify tokens that are still about.
// To change keys: add the new one at the end, then put it first, then take the old one out.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { JsonWebKey } from '#proto/fairlead/user/v1/user.ts';

/** A key pair, and its public half as the key set shows it. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly jwk: JsonWebKey;
}

/** Keys in the order of the configuration; never empty. */
export type KeyRing = readonly [SigningKey, ...SigningKey[]];

function signingKey(privateKey: KeyObject): SigningKey {
  if (privateKey.asymmetricKeyType !== 'ed25519') throw new TypeError('not an Ed25519 key');
  const publicKey = createPublicKey(privateKey);
  const { x = '' } = publicKey.export({ format: 'jwk' });
  // Thumbprint of RFC 7638: required members in lexical order.
  const kid = createHash('sha256')
    .update(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x }))
    .digest('base64url');
  return { privateKey, publicKey, jwk: { kty: 'OKP', crv: 'Ed25519', kid, alg: 'EdDSA', use: 'sig', x } };
}

function privateKeys(text: string): KeyObject[] {
  const blocks = text.match(/-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----/g);
  if (blocks !== null) return blocks.map((block) => createPrivateKey(block));
  const json = JSON.parse(text);
  const keys = Array.isArray(json.keys) ? json.keys : [json];
  return keys.map((key: object) => createPrivateKey({ key: { ...key }, format: 'jwk' }));
}

/**
 * The keys of a variable: PKCS#8 PEM blocks, a private JWK, or a JWK set.
 *
 * @throws Error that does not contain the text, which is a secret
 */
export function readKeyRing(text: string): KeyRing {
  let keys: SigningKey[] = [];
  try {
    keys = privateKeys(text).map(signingKey);
  } catch {
    // The cause may quote the text.
  }
  const [first, ...others] = keys;
  if (first === undefined) {
    throw new Error(
      'USER_SIGNING_KEY is no Ed25519 private key; expected PKCS#8 PEM, a JWK or a JWK set, as made by: openssl genpkey -algorithm ed25519',
    );
  }
  return [first, ...others];
}

/** A new key, in the form that {@link readKeyRing} takes. */
export function newSigningKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}
