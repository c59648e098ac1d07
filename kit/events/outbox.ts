// Events leave through a table of the service's own database, written in the transaction of the change that they tell of.
// What was committed is relayed, however often the process dies; what was rolled back was never said.
import { sql, type Transaction } from 'kysely';
import { afterCommit } from '../database/commit-hooks.ts';
import type { LogRecord } from './event-log.ts';

/** Stores an event; `wake` is called after the commit. */
export async function writeOutbox<T>(transaction: Transaction<T>, record: LogRecord, wake: () => void): Promise<void> {
  await sql`
    insert into fairlead.outbox (id, type, key, payload, occurred_at)
    values (${record.id}, ${record.type}, ${record.key}, ${record.payload}, ${record.occurredAt})`.execute(transaction);
  afterCommit(transaction, 'outbox', wake);
}

interface OutboxRow {
  readonly position: number;
  readonly id: string;
  readonly type: string;
  readonly key: string;
  readonly payload: Buffer;
  readonly occurredAt: Date;
}

/**
 * Hands the oldest events to `append` and removes them, in one transaction: a crash between the two repeats them.
 * One process of the service at a time does so, which keeps their order.
 *
 * @returns the records that were handed on
 */
export async function drainOutbox<T>(
  transaction: Transaction<T>,
  append: (records: readonly LogRecord[]) => Promise<void>,
  limit: number,
): Promise<readonly LogRecord[]> {
  await sql`select pg_advisory_xact_lock(hashtextextended('fairlead.outbox', 0))`.execute(transaction);
  const { rows } = await sql<OutboxRow>`
    select position, id, type, key, payload, occurred_at as "occurredAt" from fairlead.outbox
    order by position limit ${limit}`.execute(transaction);
  if (rows.length === 0) return [];
  const records = rows.map(({ position: _, ...row }) => row);
  await append(records);
  await sql`delete from fairlead.outbox where position = any(${rows.map((row) => row.position)})`.execute(transaction);
  return records;
}
