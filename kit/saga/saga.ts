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

/** Writes of the service's own, in the transaction that records a step as done or undone. */
export type SagaEffect<M extends ServiceManifest> = (unit: UnitOfWork<M>) => Promise<unknown>;

/** What is to be remembered in the state, or written beside it; nothing, where there is neither. */
export type SagaResult<M extends ServiceManifest, S extends object> =
  | Promise<Partial<S> | SagaEffect<M> | undefined>
  | Promise<void>;

/** One step. Its functions may run more than once and must then find their work done. */
export interface SagaStep<M extends ServiceManifest, S extends object> {
  /** Unique in the saga. Names and order of steps stay as they are while sagas are under way: progress is stored by them. */
  readonly name: string;
  /**
   * Does the step and gives what is to be remembered or written. An RpcError whose code says that nothing was done and
   * that trying again is no use (`FAILED_PRECONDITION`, `NOT_FOUND`, ...) undoes the steps before this one. Any other
   * error is tried again; after the last try this step is undone too, because it may have happened.
   */
  run(state: S, context: SagaContext<M>): SagaResult<M, S>;
  /** Undoes the step; tried until it succeeds. Finding nothing to undo is success. @default - nothing to undo */
  compensate?(state: S, context: SagaContext<M>): SagaResult<M, S>;
  /**
   * When undoing a failed saga comes to this step and is refused, the step stays done and the rest is undone; that is
   * logged as an error. Otherwise undoing is tried until it succeeds. @default false
   */
  readonly mayStay?: boolean;
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
  /**
   * Writes and events of the other end, in the transaction that records it. Without a `failure` the saga was reversed.
   * @default - none
   */
  compensated?(state: S, unit: UnitOfWork<M>, failure: SagaFailure | undefined): Promise<void>;
  /** Writes and events of a reversal that was refused, in the transaction that records it. @default - none */
  kept?(state: S, unit: UnitOfWork<M>): Promise<void>;
}

/** How a saga ended. */
export type SagaOutcome<S extends object> =
  | { readonly status: 'COMPLETED'; readonly state: S }
  | { readonly status: 'COMPENSATED'; readonly state: S; readonly failure: SagaFailure | undefined };

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
   * Has a saga undone that has completed, or does so as soon as it completes; one that is undone already is left to that.
   * When undoing is refused before anything is undone, for example because a parcel has left, the saga stays completed.
   *
   * @throws RpcError NOT_FOUND for an unknown id
   */
  reverse(unit: UnitOfWork<M>, id: string): Promise<void>;
  /**
   * Waits for the end, for as long as `application.signal` (of a call: its deadline) allows. The saga goes on regardless.
   *
   * @throws the signal's reason; RpcError NOT_FOUND for an unknown id
   */
  wait(application: Application<M>, id: string): Promise<SagaOutcome<S>>;
}
