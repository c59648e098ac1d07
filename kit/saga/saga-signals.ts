// In-process hints between those who start sagas, the runner, and those who wait for an end.
// The database stays the truth: whoever misses a hint finds out by polling, also when another replica did the work.
import { EventEmitter, once } from 'node:events';
import { type Kysely, sql } from 'kysely';
import type { Application } from '../context.ts';
import { RpcError } from '../errors/rpc-error.ts';
import type { ServiceManifest } from '../manifest.ts';
import type { SagaFailure, SagaOutcome } from './saga.ts';

const signals = new EventEmitter().setMaxListeners(0);
const pollMs = 250;

interface Ending {
  readonly status: 'RUNNING' | 'COMPENSATING' | 'COMPLETED' | 'COMPENSATED';
  readonly state: object;
  readonly error: SagaFailure | null;
}

/** Says that a saga was started. */
export function wakeRunners(): void {
  signals.emit('started');
}

/** Calls `listener` at each start; returns how to end that. */
export function onSagaStarted(listener: () => void): () => void {
  signals.on('started', listener);
  return () => signals.off('started', listener);
}

/** Says that the saga has ended. */
export function announceEnd(id: string): void {
  signals.emit(`ended ${id}`);
}

/** See `Saga.wait`. */
export async function waitForSaga<S extends object>(
  application: Pick<Application<ServiceManifest>, 'signal' | 'clock'> & { readonly db: unknown },
  id: string,
): Promise<SagaOutcome<S>> {
  const db = application.db as Kysely<unknown>;
  const { signal, clock } = application;
  for (;;) {
    signal.throwIfAborted();
    const settled = new AbortController();
    const either = AbortSignal.any([signal, settled.signal]);
    // Listens before it looks: an end between the two is not missed.
    const ended = once(signals, `ended ${id}`, { signal: either }).catch(() => {});
    try {
      const { rows } = await sql<Ending>`select status, state, error from fairlead.saga where id = ${id}`.execute(db);
      const row = rows[0];
      if (row === undefined) throw new RpcError('NOT_FOUND', `there is no saga ${id}`);
      if (row.status === 'COMPLETED') return { status: row.status, state: row.state as S };
      if (row.status === 'COMPENSATED') {
        return { status: row.status, state: row.state as S, failure: row.error ?? undefined };
      }
      await Promise.race([ended, clock.sleep(pollMs, either).catch(() => {})]);
    } finally {
      settled.abort();
    }
  }
}
