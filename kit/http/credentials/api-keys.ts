// API keys are exchanged for short-lived tokens, and the exchange is remembered for a minute.
// Keys are remembered by their SHA-256 only, so that a dump of this process's memory holds none of them for long.
import { createHash } from 'node:crypto';
import type { Clock } from '../../clock/clock.ts';
import { RpcError } from '../../errors/rpc-error.ts';

/** A token that stands for a key. */
export interface ExchangedToken {
  readonly accessToken: string;
  readonly expiresAt: Date;
}

/** Options of {@link createApiKeys}. */
export interface ApiKeyOptions {
  /** Asks the service that knows the keys. @throws RpcError UNAUTHENTICATED for a key that is not valid */
  readonly exchange: (key: string) => Promise<ExchangedToken>;
  readonly clock: Clock;
}

/** Turns API keys into tokens. */
export interface ApiKeys {
  /** @throws RpcError UNAUTHENTICATED */
  token(key: string): Promise<string>;
}

/** A revoked key works for this long at most, in milliseconds. */
const rememberMs = 60_000;
const maxKeys = 4096;
const wellFormed = /^[\x21-\x7e]{16,256}$/;

/** Exchanges keys, each one at a time. */
export function createApiKeys({ exchange, clock }: ApiKeyOptions): ApiKeys {
  const known = new Map<string, { readonly token: Promise<ExchangedToken>; readonly at: number }>();

  /** Exchanges now; remembered while under way, so that a burst with one key is one exchange. */
  function ask(hash: string, key: string, now: number): Promise<ExchangedToken> {
    const token = exchange(key);
    known.delete(hash);
    known.set(hash, { token, at: now });
    if (known.size > maxKeys) known.delete(known.keys().next().value ?? '');
    token.catch(() => {
      if (known.get(hash)?.token === token) known.delete(hash);
    });
    return token;
  }

  return {
    async token(key) {
      if (!wellFormed.test(key)) {
        throw new RpcError('UNAUTHENTICATED', 'the X-API-Key header is not an API key', { reason: 'API_KEY_INVALID' });
      }
      const hash = createHash('sha256').update(key).digest('base64');
      const now = clock.now().getTime();
      const entry = known.get(hash);
      if (entry !== undefined && now - entry.at <= rememberMs) {
        const { accessToken, expiresAt } = await entry.token;
        if (expiresAt.getTime() > now) return accessToken;
        // Somebody else of the same burst was first.
        if (known.get(hash) !== entry) return await this.token(key);
      }
      return (await ask(hash, key, now)).accessToken;
    },
  };
}
