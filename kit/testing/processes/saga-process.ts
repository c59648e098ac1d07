// A saga over a world of its own, run by a process that tests kill: `node saga-process.ts DATABASE_URL STOP_AT`.
// The world notes every effect with its request id, as an idempotent service would. At STOP_AT the process stands still.
import { writeSync } from 'node:fs';
import { sql } from 'kysely';
import { Registry } from 'prom-client';
import { systemClock } from '../../clock/system-clock.ts';
import type { Application, UnitOfWork } from '../../context.ts';
import { openDatabase, type ServiceDatabase } from '../../database/open-database.ts';
import { RpcError } from '../../errors/rpc-error.ts';
import type { ServiceManifest } from '../../manifest.ts';
import { defineSaga } from '../../saga/define-saga.ts';
import { openSagas, type Sagas } from '../../saga/open-sagas.ts';
import type { Saga, SagaContext, SagaStep } from '../../saga/saga.ts';
import { quietLog } from '../quiet-log.ts';

/** State of the saga under test. */
export interface TripState {
  readonly decline: boolean;
  readonly booked: readonly string[];
}

/** Short, so that tests need not wait for it; well above what a busy machine takes for a heartbeat. */
export const leaseMs = 1_500;

/** What the process says when it stands still. */
export const standing = 'standing';

async function effect(context: SagaContext, what: string): Promise<void> {
  await sql`insert into world (request_id, what) values (${context.requestId}, ${what}) on conflict (request_id) do update
    set times = world.times + 1`.execute(context.db);
}

/** Three steps; the last is declined when the state says so. `at` is told where the saga is. */
export function tripSaga(at: (place: string) => Promise<void> | void = () => {}): Saga<ServiceManifest, TripState> {
  const step = (name: string): SagaStep<ServiceManifest, TripState> => ({
    name,
    async run(state, context) {
      await at(`before ${name}`);
      if (name === 'pay' && state.decline)
        throw new RpcError('FAILED_PRECONDITION', 'declined', { reason: 'CARD_DECLINED' });
      await effect(context, `do ${name}`);
      await at(`after ${name}`);
      return { booked: [...state.booked, name] };
    },
    async compensate(_, context) {
      await at(`before undo ${name}`);
      await effect(context, `undo ${name}`);
      await at(`after undo ${name}`);
      return undefined;
    },
  });
  const note = async (unit: UnitOfWork<ServiceManifest>, text: string): Promise<void> => {
    await sql`insert into ending (text) values (${text})`.execute(unit.db);
  };
  return defineSaga<ServiceManifest, TripState>({
    name: 'trip',
    steps: [step('hotel'), step('flight'), step('pay')],
    completed: (_, unit) => note(unit, 'completed'),
    compensated: (_, unit, failure) => note(unit, `compensated ${failure?.reason ?? 'on request'}`),
  });
}

/** Runs sagas on a database as a service would. */
export async function openWorld(url: string): Promise<{
  readonly database: ServiceDatabase<unknown>;
  readonly application: Application;
  run(saga: Saga<ServiceManifest, TripState>): Sagas;
}> {
  const log = quietLog();
  const database = await openDatabase<unknown>({
    url,
    service: 'trip',
    migrations: undefined,
    log,
    clock: systemClock,
  });
  await sql`create table if not exists world (request_id text primary key, what text, times int default 1)`.execute(
    database.kysely,
  );
  await sql`create table if not exists ending (text text)`.execute(database.kysely);
  const application = {
    log,
    clock: systemClock,
    db: database.kysely,
    signal: new AbortController().signal,
    transaction: (work: (unit: object) => Promise<unknown>) => database.transaction((db) => work({ db })),
  } as unknown as Application;
  return {
    database,
    application,
    run: (saga) => openSagas({ sagas: [saga], application, registry: new Registry(), leaseMs }),
  };
}

if (import.meta.main) {
  const [url = '', stopAt = ''] = process.argv.slice(2);
  const world = await openWorld(url);
  world.run(
    tripSaga(async (place) => {
      if (place !== stopAt) return;
      writeSync(1, `${standing}\n`);
      await new Promise(() => setInterval(() => {}, 1_000));
    }),
  );
}
