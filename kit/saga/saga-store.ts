// The rows of sagas. Every write names its owner: a process that lost its lease meanwhile changes nothing.
// Times are the database's own, so that the clocks of replicas need not agree.
import { type Kysely, sql } from 'kysely';
import { RpcError } from '../errors/rpc-error.ts';
import type { SagaFailure } from './saga.ts';

/** A saga under way, as a runner holds it. */
export interface SagaRow {
  readonly id: string;
  readonly name: string;
  readonly state: object;
  readonly status: 'RUNNING' | 'COMPENSATING' | 'COMPLETED' | 'COMPENSATED';
  /** Running: the step to run. Compensating: the step to undo, -1 when none is left. */
  readonly step: number;
  /** Failed tries of that step. */
  readonly attempt: number;
  readonly error: SagaFailure | null;
}

/** A claimed saga. */
export interface ClaimedSaga extends SagaRow {
  /** Another process held it, or this one at an earlier time: it did not start just now. */
  readonly resumed: boolean;
}

/** Thrown by writes of a process that is no longer the owner. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
}

/**
 * Takes up to `limit` sagas that are due and that no living process holds.
 *
 * @param running ids that this process works on, whatever their leases say: a process that stood still past its lease must
 *   not take its own sagas a second time, because nothing tells its two runs apart
 */
export async function claim<T>(
  db: Kysely<T>,
  owner: string,
  options: {
    readonly names: readonly string[];
    readonly limit: number;
    readonly leaseMs: number;
    readonly running: readonly string[];
  },
): Promise<readonly ClaimedSaga[]> {
  const { names, limit, leaseMs, running } = options;
  const { rows } = await sql<ClaimedSaga>`
    with due as (
      select id, owner is not null or step <> 0 or attempt <> 0 or status <> 'RUNNING' as resumed from fairlead.saga
      where status in ('RUNNING', 'COMPENSATING') and name = any(${names}) and next_run_at <= now()
        and (owner is null or lease_until < now()) and id <> all(${running}::uuid[])
      order by next_run_at limit ${limit} for update skip locked)
    update fairlead.saga s set owner = ${owner}, lease_until = now() + ${leaseMs} * interval '1 ms'
    from due where s.id = due.id
    returning s.id, s.name, s.state, s.status, s.step, s.attempt, s.error, due.resumed`.execute(db);
  return rows;
}

/** Extends the lease on everything that the owner holds. */
export async function heartbeat<T>(db: Kysely<T>, owner: string, leaseMs: number): Promise<void> {
  await sql`
    update fairlead.saga set lease_until = now() + ${leaseMs} * interval '1 ms'
    where owner = ${owner} and status in ('RUNNING', 'COMPENSATING')`.execute(db);
}

/**
 * Writes what has come of a step.
 *
 * @param kept the reversal was refused, and the saga stays completed
 * @throws LeaseLostError when another process holds the saga now
 */
export async function record<T>(db: Kysely<T>, owner: string, row: SagaRow, kept = false): Promise<void> {
  const completed = row.status === 'COMPLETED';
  const ended = completed || row.status === 'COMPENSATED';
  // Whoever completes a saga that is to be reversed leaves it to the next claim, which undoes it.
  const reversed = sql<boolean>`(${completed && !kept} and reversed)`;
  const { numAffectedRows } = await sql`
    update fairlead.saga set
      state = ${JSON.stringify(row.state)}::jsonb, attempt = ${row.attempt},
      status = case when ${reversed} then 'COMPENSATING' else ${row.status} end,
      step = case when ${reversed} then ${row.step}::integer - 1 else ${row.step}::integer end,
      error = ${row.error === null ? null : JSON.stringify(row.error)}::jsonb,
      owner = case when ${ended} then null else owner end,
      finished_at = case when ${ended} and not ${reversed} then now() end,
      reversed = reversed and not ${kept}
    where id = ${row.id} and owner = ${owner}`.execute(db);
  if (numAffectedRows !== 1n) throw new LeaseLostError(`another process has taken over saga ${row.id}`);
}

/** See `Saga.reverse`. */
export async function reverse<T>(db: Kysely<T>, id: string): Promise<void> {
  const { numAffectedRows } = await sql`
    update fairlead.saga set
      reversed = reversed or status in ('RUNNING', 'COMPLETED'),
      status = case status when 'COMPLETED' then 'COMPENSATING' else status end,
      step = case status when 'COMPLETED' then step - 1 else step end,
      attempt = case status when 'COMPLETED' then 0 else attempt end,
      next_run_at = case status when 'COMPLETED' then now() else next_run_at end,
      finished_at = case status when 'COMPLETED' then null else finished_at end
    where id = ${id}`.execute(db);
  if (numAffectedRows !== 1n) throw new RpcError('NOT_FOUND', `there is no saga ${id}`);
}

/** Gives a saga back, to be claimed by anybody after the pause. */
export async function giveBack<T>(db: Kysely<T>, owner: string, id: string, pauseMs: number): Promise<void> {
  await sql`
    update fairlead.saga set owner = null, lease_until = null, next_run_at = now() + ${pauseMs} * interval '1 ms'
    where id = ${id} and owner = ${owner}`.execute(db);
}
