// Joins a manifest with its handlers. `implement` only checks types and keeps both together; `kit/run` starts them.
import type { Application, Context, IncomingEvent, UnitOfWork } from './context.ts';
import type { ContractName, HandlersOf } from './contract/shapes.ts';
import type { Edge, RunningEdge } from './edge.ts';
import type { ConsumedBy, ServiceManifest } from './manifest.ts';
import type { Saga } from './saga/saga.ts';

/** Given to an event handler: the unit of work in which the event is marked as handled. */
export interface EventContext<M extends ServiceManifest> extends Application<M>, UnitOfWork<M> {
  readonly db: UnitOfWork<M>['db'];
  readonly requestId: string;
}

/** Handlers of the events that the manifest consumes, keyed by the message's full name. */
export type EventHandlersOf<M extends ServiceManifest> = {
  readonly [N in ConsumedBy<M>]: (event: IncomingEvent<N>, context: EventContext<M>) => Promise<void>;
};

/** Handlers of the RPCs of the manifest's contract. */
export type RpcHandlersOf<M extends ServiceManifest> = M['contract'] extends ContractName
  ? HandlersOf<M['contract'], Context<M>>
  : Record<never, never>;

/** What a service does beyond answering calls. */
export interface ServiceHooks<M extends ServiceManifest> {
  /** Runs once before the service says SERVING, after migrations: seed data, warm caches, start work that ends with `application.signal`. */
  readonly start?: (application: Application<M>) => Promise<void>;
  /** Opens the HTTP edge of a service without a contract, after `start`. Stopped first when the process drains. */
  readonly edge?: (edge: Edge<M>) => Promise<RunningEdge>;
  /** One handler for each consumed event. */
  readonly on?: EventHandlersOf<M>;
  /**
   * Empties the read model, in the transaction that begins a rebuild of it from the log (see `Events.rebuild`).
   * A service that only reads events has it; one whose event handlers act on the world must not.
   */
  readonly rebuild?: (unit: UnitOfWork<M>) => Promise<void>;
  /** Sagas that the service starts; those that an earlier process left open are taken up again. */
  readonly sagas?: readonly Saga<M>[];
  /** Extra paths of the admin HTTP port (beside `/metrics`), answered with JSON: `'/.well-known/jwks.json'`. */
  readonly admin?: Readonly<Record<string, (application: Application<M>) => Promise<unknown>>>;
}

/** A service, ready to be started by `kit/run`. */
export interface Service<M extends ServiceManifest = ServiceManifest> {
  readonly manifest: M;
  readonly handlers: RpcHandlersOf<M>;
  readonly hooks: ServiceHooks<M>;
}

/**
 * Joins a manifest with its handlers; each RPC of the contract needs one, keyed by its name with a small first
 * letter, and each consumed event needs one in `hooks.on`.
 */
export function implement<M extends ServiceManifest>(
  manifest: M,
  handlers: RpcHandlersOf<M>,
  hooks: ServiceHooks<M> = {},
): Service<M> {
  return { manifest, handlers, hooks };
}
