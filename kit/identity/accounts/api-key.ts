// The form of API keys: a prefix that finds the key and may be shown, and a secret that proves it.
// The fixed beginning lets scanners find keys that leaked into code.
import { randomBytes } from 'node:crypto';
import { newSecret } from '../secret.ts';

/** A new API key; `secret` is all of it. */
export function newApiKey(): { readonly prefix: string; readonly secret: string } {
  const prefix = `fl_${randomBytes(5).toString('hex')}`;
  return { prefix, secret: `${prefix}_${newSecret()}` };
}

/** The prefix of an API key, or undefined when the text is none. */
export function prefixOf(secret: string): string | undefined {
  return /^(fl_[0-9a-f]{10})_[A-Za-z0-9_-]{43}$/.exec(secret)?.[1];
}
