// Removes the kit's own rows that have outlived their use, once an hour and in every replica alike.
// Ages are generous: a request id or an event is repeated within minutes, not weeks.
import { type Kysely, sql } from 'kysely';
import type { Clock } from '../clock/clock.ts';
import type { Logger } from '../context.ts';
import { isUnreachable } from './database-error.ts';

const intervalMs = 3_600_000;
const firstMs = 60_000;

/** Starts the hourly round; it ends with `signal`. */
export async function keepHouse(
  kysely: Kysely<unknown>,
  clock: Clock,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  for (let wait = firstMs; ; wait = intervalMs) {
    // Spread, so that a platform that was started as one does not do it as one.
    await clock.sleep(wait * (0.75 + Math.random() / 2), signal).catch(() => {});
    if (signal.aborted) return;
    try {
      await sql`delete from fairlead.once where created_at < now() - interval '7 days'`.execute(kysely);
      await sql`delete from fairlead.handled_event where handled_at < now() - interval '30 days'`.execute(kysely);
      await sql`delete from fairlead.saga where finished_at < now() - interval '90 days'`.execute(kysely);
    } catch (error) {
      if (!isUnreachable(error)) log.warn('housekeeping failed, it is tried again in an hour', { error });
    }
  }
}
