// Secrets that are handed out once and kept as hashes: refresh tokens, API keys.
// They are 256 random bits, so a plain SHA-256 is enough: there is nothing to guess, unlike with passwords.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A new secret: 43 characters of base64url. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** What is stored of a secret. */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** True when the secret has this hash; takes the same time wherever they differ. */
export function isSecret(secret: string, hash: Uint8Array): boolean {
  return timingSafeEqual(hashSecret(secret), hash);
}
