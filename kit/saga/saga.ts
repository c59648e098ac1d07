// What a saga is: steps over other services, each with its undoing, that end all done or all undone whatever is killed.
// State and progress are rows of the service's own database; steps are repeated after a crash, under the same request id.
import type { Application, UnitOfWork } from '../context.ts';
import type { Duration } from '../duration.ts';
import type { Code, PreconditionViolation } from '../errors/rpc-error.ts';
import type { ServiceManifest } from '../manifest.ts';

/** What a step is given beside the saga's state. */
export interface SagaContext<M extends ServiceManifest = ServiceManifest> extends Application<M> {
  readonly sagaId: string;
  /**
   * A UUID that is the same at every try of this step, also after a restart. Pass it as the `request_id` of the call that
   * the step makes, so that the called service does its work once. Running and compensating have one each.
   */
  readonly requestId: string;
  /** Aborted at the step's timeout, and when the process stops: after its calls were drained, because they may wait for sagas. */
  readonly signal: AbortSignal;
}

/** Why a saga was compensated. */
export interface SagaFailure {
  /** Step that failed. */
  readonly step: string;
  /** Code of its last error; INTERNAL for one that is no RpcError. */
  readonly code: Code;
  readonly message: string;
  /** `google.rpc.ErrorInfo.reason` of its last error. */
  readonly reason?: string;
  /** Conditions that its last error named as unmet. */
  readonly preconditionViolations?: readonly PreconditionViolation[];
}

/** One step. Its functions may run more than once and must then find their work done. */
export interface SagaStep<M extends ServiceManifest, S extends object> {
  /** Unique in the saga. Names and order of steps stay as they are while sagas are under way: progress is stored by them. */
  readonly name: string;
  /**
   * Does the step and gives what is to be remembered in the state. An RpcError whose code says that nothing was done and
   * that trying again is no use (`FAILED_PRECONDITION`, `NOT_FOUND`, ...) undoes the steps before this one. Any other
   * error is tried again; after the last try this step is undone too, because it may have happened.
   */
  run(state: S, context: SagaContext<M>): Promise<Partial<S> | undefined>;
  /** Writes of the service's own, in the transaction that records the step as done. @default - none */
  done?(state: S, unit: UnitOfWork<M>): Promise<void>;
  /** Undoes the step; tried until it succeeds. Finding nothing to undo is success. @default - nothing to undo */
  compensate?(state: S, context: SagaContext<M>): Promise<Partial<S> | undefined>;
  /** Tries before the saga gives up on the step. @default 5 */
  readonly attempts?: number;
  /** Longest time of one try. @default '15s' */
  readonly timeout?: Duration;
}

/** A saga's declaration. See {@link defineSaga}. */
export interface SagaDefinition<M extends ServiceManifest, S extends object> {
  /** Unique in the service; stored, so that it stays as it is while sagas are under way. */
  readonly name: string;
  readonly steps: readonly SagaStep<M, S>[];
  /** Writes and events of the good end, in the transaction that records it. @default - none */
  completed?(state: S, unit: UnitOfWork<M>): Promise<void>;
  /** Writes and events of the other end, in the transaction that records it. @default - none */
  compensated?(state: S, unit: UnitOfWork<M>, failure: SagaFailure): Promise<void>;
}

/** How a saga ended. */
export type SagaOutcome<S extends object> =
  | { readonly status: 'COMPLETED'; readonly state: S }
  | { readonly status: 'COMPENSATED'; readonly state: S; readonly failure: SagaFailure };

/** A declared saga. List it in the service's hooks (`sagas`), where its runner finds it. */
export interface Saga<M extends ServiceManifest = ServiceManifest, S extends object = object> {
  readonly definition: SagaDefinition<M, S>;
  /**
   * Starts one in a unit of work: it runs when, and only when, that commits.
   *
   * @param id UUID of this saga; a known one is left as it is
   * @param state what JSON can carry: no Date, no bytes
   */
  start(unit: UnitOfWork<M>, id: string, state: S): Promise<void>;
  /**
   * Waits for the end, for as long as `application.signal` (of a call: its deadline) allows. The saga goes on regardless.
   *
   * @throws the signal's reason; RpcError NOT_FOUND for an unknown id
   */
  wait(application: Application<M>, id: string): Promise<SagaOutcome<S>>;
}
