// Secrets that are handed out once and kept as hashes: refresh tokens and API keys.
// They are 256 random bits, so a plain SHA-256 is enough: there is nothing to guess, unlike with passwords.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A new refresh token. */
export function newRefreshToken(): string {
  return randomBytes(32).toString('base64url');
}

/** A new API key: the prefix finds it, the whole proves it. */
export function newApiKey(): { readonly prefix: string; readonly secret: string } {
  const prefix = `fl_${randomBytes(5).toString('hex')}`;
  return { prefix, secret: `${prefix}_${randomBytes(32).toString('base64url')}` };
}

/** The prefix of an API key, or undefined when the text is none. */
export function prefixOf(secret: string): string | undefined {
  return /^(fl_[0-9a-f]{10})_[A-Za-z0-9_-]{43}$/.exec(secret)?.[1];
}

/** What is stored of a secret. */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** True when the secret has this hash; takes the same time wherever they differ. */
export function isSecret(secret: string, hash: Uint8Array): boolean {
  return timingSafeEqual(hashSecret(secret), hash);
}
