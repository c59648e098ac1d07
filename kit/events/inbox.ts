// Lets an event take effect once: its id is stored in the transaction of its effects, in the consumer's own database.
// A rebuild counts anew under the next generation, and begins with the read model emptied, in one transaction.
import { sql, type Transaction } from 'kysely';
import { type Delivery, type Handled, StaleGenerationError } from './event-log.ts';

interface Reception {
  readonly current: number;
  readonly fresh: boolean;
}

const lockName = 'fairlead.event_generation';

/**
 * Handles a delivery in the given transaction, unless it was handled before.
 *
 * @throws StaleGenerationError for a delivery from before a rebuild
 */
export async function receive<T>(
  transaction: Transaction<T>,
  { id, generation }: Pick<Delivery, 'id' | 'generation'>,
  handlers: { handle(): Promise<void> },
): Promise<Handled> {
  // Shared with all handlers, not with the start of a rebuild: nothing of the old generation commits after that.
  await sql`select pg_advisory_xact_lock_shared(hashtextextended(${lockName}, 0))`.execute(transaction);
  const { rows } = await sql<Reception>`
    with fresh as (
      insert into fairlead.handled_event (generation, event_id)
      select current, ${id} from fairlead.event_generation where current = ${generation}
      on conflict do nothing returning 1)
    select current, exists (select from fresh) as fresh from fairlead.event_generation`.execute(transaction);
  const reception = rows[0];
  if (reception === undefined) throw new Error('fairlead.event_generation has lost its row');
  if (reception.current !== generation) {
    throw new StaleGenerationError(`generation ${generation} was delivered, ${reception.current} is current`);
  }
  if (!reception.fresh) return 'duplicate';
  await handlers.handle();
  return 'handled';
}

/**
 * Begins a rebuild when the delivery's generation is greater than the one that the database knows.
 *
 * @param clear empties the read model; undefined: the consumer has none, and a rebuild is refused
 * @returns whether the delivery can be handled now; false for one from before a rebuild
 */
export async function beginGeneration<T>(
  transaction: Transaction<T>,
  generation: number,
  clear: ((transaction: Transaction<T>) => Promise<void>) | undefined,
): Promise<boolean> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${lockName}, 0))`.execute(transaction);
  const { rows } = await sql<{ current: number }>`select current from fairlead.event_generation`.execute(transaction);
  const current = rows[0]?.current ?? 0;
  if (current >= generation) return current === generation;
  if (clear === undefined) {
    throw new Error(
      'the event log was reset for a service that has no read model (hooks.rebuild); its events are not handled twice',
    );
  }
  await clear(transaction);
  await sql`delete from fairlead.handled_event`.execute(transaction);
  await sql`update fairlead.event_generation set current = ${generation}`.execute(transaction);
  return true;
}
