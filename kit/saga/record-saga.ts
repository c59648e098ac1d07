// A saga that brings one record from state to state. Steps are given the record as it is, and say what changes with them:
// the change, its event and the step's progress commit together, so that the record is all that the saga needs to remember.
import type { Updateable } from 'kysely';
import type { Context, UnitOfWork } from '../context.ts';
import type { Init, Message } from '../contract/shapes.ts';
import { RpcError } from '../errors/rpc-error.ts';
import type { PublishedBy, ServiceManifest, TablesOf } from '../manifest.ts';
import type { Aggregate, NewRecord, RecordChange } from '../records/aggregate.ts';
import type { RowOf, TableOf } from '../records/records.ts';
import { defineSaga } from './define-saga.ts';
import type { Saga, SagaContext, SagaEffect, SagaFailure, SagaStep } from './saga.ts';
import { waitInTime } from './wait-in-time.ts';

/** A step that changes nothing of the record returns nothing. */
type Result<M extends ServiceManifest, T extends TableOf<M>, E extends PublishedBy<M>> =
  | Promise<RecordChange<M, T, E> | undefined>
  | Promise<void>;

/** One step; see {@link SagaStep}. */
export interface RecordStep<M extends ServiceManifest, T extends TableOf<M>, E extends PublishedBy<M>>
  extends Omit<SagaStep<M, object>, 'name' | 'run' | 'compensate'> {
  /** Does the step; gives the change that it is, if it is one. */
  run(record: RowOf<M, T>, context: SagaContext<M>): Result<M, T, E>;
  /** Undoes it; see {@link SagaStep.compensate}. */
  compensate?(record: RowOf<M, T>, context: SagaContext<M>): Result<M, T, E>;
}

/** See {@link recordSaga}. */
export interface RecordSagaDefinition<M extends ServiceManifest, T extends TableOf<M>, E extends PublishedBy<M>> {
  /** Unique in the service; stored. */
  readonly name: string;
  /** Steps by their names, in their order. */
  readonly steps: Readonly<Record<string, RecordStep<M, T, E>>>;
  /** The change when all is undone. Without a `failure` the saga was reversed. */
  compensated(record: RowOf<M, T>, failure: SagaFailure | undefined): RecordChange<M, T, E>;
  /** What is written when a reversal was refused. @default - nothing */
  kept?(record: RowOf<M, T>): Updateable<TablesOf<M>[T]>;
}

/** Where a record's saga has come to when a call has to be answered. */
export interface RecordOutcome<M extends ServiceManifest, T extends TableOf<M>> {
  readonly record: RowOf<M, T>;
  /** True when every step is done; false while it is under way, and when it is undone or forgotten for its age. */
  readonly completed: boolean;
}

/** A saga of records; its id is the record's. Calls wait for its end as long as they can still be answered. */
export interface RecordSaga<M extends ServiceManifest, T extends TableOf<M>, E extends PublishedBy<M>>
  extends Saga<M, Record<string, unknown>> {
  /** Adds a record and starts its saga, once for the request's `request_id`. */
  begin(
    context: Context<M>,
    request: { readonly requestId: string },
    row: NewRecord<M, T>,
    happening: Init<Message<E>>,
  ): Promise<RecordOutcome<M, T>>;
  /**
   * Has a record's saga undone, see {@link Saga.reverse}.
   *
   * @param decide what is written of the wish; undefined: it is undone already, or about to be
   * @throws RpcError NOT_FOUND; what `decide` throws
   */
  callOff(
    context: Context<M>,
    id: string,
    decide: (record: RowOf<M, T>) => Updateable<TablesOf<M>[T]> | undefined,
  ): Promise<RecordOutcome<M, T>>;
}

/** Declares a saga of an aggregate's records. Its state names the record: `{ orderId }`. */
export function recordSaga<M extends ServiceManifest, T extends TableOf<M>, E extends PublishedBy<M>>(
  aggregate: Aggregate<M, T, E>,
  { name, steps, compensated, kept }: RecordSagaDefinition<M, T, E>,
): RecordSaga<M, T, E> {
  type State = Record<string, unknown>;
  const { key } = aggregate.definition;
  const idOf = (state: State): string => String(state[key]);

  /** A step's function on records as one on states. */
  const onState = (work: RecordStep<M, T, E>['run']) => async (state: State, context: SagaContext<M>) => {
    const change = await work(await aggregate.get(context.db, idOf(state)), context);
    if (!change) return undefined;
    const effect: SagaEffect<M> = (unit) => aggregate.change(unit, idOf(state), change.patch, change.happening);
    return effect;
  };

  const saga = defineSaga<M, State>({
    name,
    steps: Object.entries(steps).map(([name, { run, compensate, ...options }]) => ({
      ...options,
      name,
      run: onState(run),
      ...(compensate && { compensate: onState(compensate) }),
    })),
    async compensated(state, unit, failure) {
      const { patch, happening } = compensated(await aggregate.lock(unit.db, idOf(state)), failure);
      await aggregate.change(unit, idOf(state), patch, happening);
    },
    async kept(state, unit) {
      if (kept) await aggregate.patch(unit.db, idOf(state), kept(await aggregate.lock(unit.db, idOf(state))));
    },
  });

  async function outcome(context: Context<M>, id: string, since: Date): Promise<RecordOutcome<M, T>> {
    // Ended sagas are forgotten after some months, and their records are not.
    const ended = await waitInTime(saga, context, id, since).catch((error: unknown) => {
      if (!RpcError.is(error, 'NOT_FOUND')) throw error;
    });
    return { record: await aggregate.get(context.db, id), completed: ended?.status === 'COMPLETED' };
  }

  return {
    ...saga,
    async begin(context, request, row, happening) {
      const since = context.clock.now();
      const record = await aggregate.createdOnce(context, request, async (unit: UnitOfWork<M>) => {
        const created = await aggregate.create(unit, row, happening);
        await saga.start(unit, String(created[key]), { [key]: created[key] });
        return created;
      });
      return outcome(context, String(record[key]), since);
    },
    async callOff(context, id, decide) {
      const since = context.clock.now();
      await context.transaction(async (unit) => {
        const patch = decide(await aggregate.lock(unit.db, id));
        if (patch === undefined) return;
        await aggregate.patch(unit.db, id, patch);
        await saga.reverse(unit, id);
      });
      return outcome(context, id, since);
    },
  };
}
