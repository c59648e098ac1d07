// Runs a service's sagas: those that it starts, and those that a dead process left open, once its lease has run out.
// Any number of replicas may do so at once; each saga is held by one of them.
import type { Registry } from 'prom-client';
import { v7 as uuid } from 'uuid';
import { Wake } from '../changes/wake.ts';
import type { Application, ClientsOf } from '../context.ts';
import type { ServiceManifest } from '../manifest.ts';
import type { Saga } from './saga.ts';
import { createSagaMetrics } from './saga-metrics.ts';
import { SagaRun } from './saga-run.ts';
import { onSagaStarted } from './saga-signals.ts';
import { claim, heartbeat } from './saga-store.ts';

/** Options of {@link openSagas}. */
export interface OpenSagasOptions {
  readonly sagas: readonly Saga[];
  /** What steps are given; its database is where sagas are kept. */
  readonly application: Application;
  readonly registry: Registry;
  /** Clients whose calls end with the signal. @default - the application's */
  readonly clientsFor?: (signal: AbortSignal) => ClientsOf<ServiceManifest>;
  /** How long a dead process's sagas wait for another one, in milliseconds. @default 5000 */
  readonly leaseMs?: number;
  /** Sagas that this process runs at one time. @default 16 */
  readonly concurrency?: number;
}

/** Running sagas. */
export interface Sagas {
  /** Cuts steps short, records what is done and gives everything back: the next process goes on at once. */
  stop(): Promise<void>;
}

const pollMs = 1_000;

/** Starts to run sagas, open ones first. */
export function openSagas(options: OpenSagasOptions): Sagas {
  const { application, leaseMs = 5_000, concurrency = 16 } = options;
  const { clock, log } = application;
  const definitions = new Map(options.sagas.map(({ definition }) => [definition.name, definition]));
  if (definitions.size < options.sagas.length) throw new TypeError('two sagas of the service bear one name');
  const names = [...definitions.keys()];
  const owner = uuid();
  const metrics = createSagaMetrics(options.registry);
  const stopping = new AbortController();
  const wake = new Wake(stopping.signal);
  /** Runs by the saga's id. */
  const runs = new Map<string, Promise<void>>();
  const share = {
    application,
    owner,
    metrics,
    stopping: stopping.signal,
    ...(options.clientsFor === undefined ? {} : { clientsFor: options.clientsFor }),
  };

  async function claimAndRun(): Promise<void> {
    const limit = concurrency - runs.size;
    if (limit <= 0) return;
    for (const saga of await claim(application.db, owner, { names, limit, leaseMs, running: [...runs.keys()] })) {
      const definition = definitions.get(saga.name);
      if (definition === undefined) continue;
      metrics.event(saga.name, saga.resumed ? 'resumed' : 'started');
      if (saga.resumed)
        log.info('saga resumed', { saga: saga.name, sagaId: saga.id, step: saga.step, status: saga.status });
      const run = new SagaRun(definition, saga, share).run().finally(() => {
        runs.delete(saga.id);
        // A place is free, and others may be due.
        wake.ring();
      });
      runs.set(saga.id, run);
    }
  }

  async function repeatedly(intervalMs: number, work: () => Promise<void> | void): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await work();
      } catch (error) {
        log.warn('sagas wait for the database', { error });
      }
      await clock.sleep(intervalMs, stopping.signal).catch(() => {});
    }
  }

  async function run(): Promise<void> {
    while (await wake.next()) {
      await claimAndRun().catch((error) => log.warn('sagas wait for the database', { error }));
    }
  }

  const silence = onSagaStarted(() => wake.ring());
  const working = Promise.all([
    run(),
    repeatedly(pollMs, () => wake.ring()),
    repeatedly(leaseMs / 3, async () => {
      if (runs.size > 0) await heartbeat(application.db, owner, leaseMs);
    }),
  ]);
  return {
    async stop() {
      silence();
      stopping.abort();
      await working;
      await Promise.all(runs.values());
    },
  };
}
