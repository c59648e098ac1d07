// Public keys of access tokens, read from the JWKS URI and kept. A token with an unknown key id makes it read again,
// at most every 30 seconds, so that a rotated key is found and a flood of forged tokens does not become a flood of reads.
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import type { Clock } from '../../clock/clock.ts';
import type { Logger } from '../../context.ts';
import { RpcError } from '../../errors/rpc-error.ts';
import { readJson } from './read-json.ts';

const freshFor = 10 * 60_000;
const readAtMostEvery = 30_000;
/** After a failed read: short, because nobody can log in meanwhile. */
const retryAfter = 1_000;

/** Options of {@link createKeySet}. */
export interface KeySetOptions {
  readonly uri: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Looks keys up by a token's header, reading them where they are not known. */
export function createKeySet({ uri, clock, log }: KeySetOptions): JWTVerifyGetKey {
  let keys: ReturnType<typeof createLocalJWKSet> | undefined;
  let readAt = -Infinity;
  let triedAt = -Infinity;
  let reading: Promise<void> | undefined;

  const time = (): number => clock.now().getTime();

  async function read(): Promise<void> {
    triedAt = time();
    try {
      keys = createLocalJWKSet((await readJson(uri)) as JSONWebKeySet);
      readAt = time();
    } catch (error) {
      log.warn('the keys of access tokens cannot be read', { uri, error });
      if (keys === undefined) {
        throw new RpcError('UNAVAILABLE', 'access tokens cannot be verified now: their keys cannot be read', {
          reason: 'JWKS_UNAVAILABLE',
          retryDelayMs: retryAfter,
          cause: error,
        });
      }
    }
  }

  /** One read for all who wait, and none sooner than `pause` after the last. */
  async function refresh(pause: number): Promise<void> {
    if (reading === undefined && time() - triedAt < pause) return;
    reading ??= read().finally(() => {
      reading = undefined;
    });
    await reading;
  }

  return async (header, token) => {
    if (keys === undefined) await refresh(0);
    else if (time() - readAt > freshFor) await refresh(readAtMostEvery);
    try {
      if (keys !== undefined) return await keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await refresh(readAtMostEvery);
    }
    if (keys === undefined) throw new errors.JWKSNoMatchingKey();
    return await keys(header, token);
  };
}
