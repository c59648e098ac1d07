// What a handler is given beside its request. Transport, telemetry and retries are nowhere in it by design.
// `Application` is what outlives a call; `Context` adds what belongs to one call.
import type { Kysely, Transaction } from 'kysely';
import type { Clock } from './clock/clock.ts';
import type { ClientOf, ContractName, Init, Message, MessageName, RpcName } from './contract/shapes.ts';
import type { Duration } from './duration.ts';
import type { RpcError } from './errors/rpc-error.ts';
import type { CallDeclaration, ConfigOf, PublishedBy, ServiceManifest, TablesOf } from './manifest.ts';

/** A structured log line's fields. Values of secrets never belong here. */
export type LogFields = Readonly<Record<string, unknown>>;

/** JSON logger; every line carries service, version, and within a call its request and trace id. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields & { readonly error?: unknown }): void;
}

/** Options of one outgoing call. */
export interface CallOptions {
  /** Upper bound on the call; what is left of the incoming deadline bounds it too. @default '10s', streams none */
  readonly timeout?: Duration;
  /** Cancels the call. @default - the incoming call's signal */
  readonly signal?: AbortSignal;
}

/** Clients for exactly the calls that the manifest declares, keyed by service name. */
export type ClientsOf<M extends ServiceManifest> = {
  readonly [K in keyof M['calls']]: M['calls'][K] extends CallDeclaration<infer S extends ContractName, infer R>
    ? ClientOf<S, R & RpcName<S>, CallOptions>
    : never;
};

/** A verified end user. */
export interface User {
  /** UUIDv7 of the user. */
  readonly id: string;
  /** `customer`, `support`, `admin`, `partner`. */
  readonly roles: readonly string[];
  /** How the user proved who they are; an API key cannot do what takes a person. @default 'access_token' */
  readonly credential?: 'access_token' | 'api_key';
  /** Id of the API key that was used. @default - none */
  readonly apiKeyId?: string;
}

/** Who makes this call. */
export interface Caller {
  /** The end user, from a verified access token. Absent on calls that no user stands behind. */
  readonly user?: User;
  /** SPIFFE identity of the calling workload as the mesh verified it. Absent outside a mesh. */
  readonly peer?: string;
}

/** An event to publish. `key` orders: events of one key are delivered in the order of their publication. */
export interface OutgoingEvent<N extends MessageName> {
  readonly type: N;
  readonly key: string;
  readonly payload: Init<Message<N>>;
}

/** An event as a consumer receives it, at least once; the kit drops the ones already handled. */
export interface IncomingEvent<N extends MessageName = MessageName> {
  /** UUIDv7, the same at every delivery. */
  readonly id: string;
  readonly type: N;
  readonly key: string;
  readonly occurredAt: Date;
  readonly payload: Message<N>;
}

/** A unit of work: rows and events become visible together or not at all (transactional outbox). */
export interface UnitOfWork<M extends ServiceManifest> {
  readonly clock: Clock;
  readonly db: Transaction<TablesOf<M>>;
  publish<N extends PublishedBy<M>>(event: OutgoingEvent<N>): Promise<void>;
  /** Wakes the readers of `changes(topic)` in all replicas of this service once the work is committed. */
  changed(topic: string): Promise<void>;
}

/** What outlives a call. */
export interface Application<M extends ServiceManifest = ServiceManifest> {
  readonly service: string;
  /** Version of this process, for example `v1`. */
  readonly version: string;
  readonly config: ConfigOf<M>;
  readonly log: Logger;
  readonly clock: Clock;
  readonly clients: ClientsOf<M>;
  /** Query builder on the service's own database. Throws when the manifest declares none. */
  readonly db: Kysely<TablesOf<M>>;
  /** Aborted when the process begins to drain. */
  readonly signal: AbortSignal;
  /** Runs `work` in a transaction; a serialization failure is tried again, any other error rolls back and is rethrown. */
  transaction<T>(work: (unit: UnitOfWork<M>) => Promise<T>): Promise<T>;
  /**
   * Yields at once, then whenever a unit of work of any replica of this service said `changed(topic)`. Changes that come
   * while the reader is busy are one: read the rows anew after each. Ends with `signal`.
   */
  changes(topic: string): AsyncIterable<void>;
}

/** What a handler is given for one call. */
export interface Context<M extends ServiceManifest = ServiceManifest> extends Application<M> {
  /** Id of the request at the edge, the same through all services that it crosses. */
  readonly requestId: string;
  readonly caller: Caller;
  /** Aborted when the caller cancels, the deadline passes or the connection is lost. */
  readonly signal: AbortSignal;
  /** Milliseconds left of the call's deadline. */
  remaining(): number;
  /** The verified user, or UNAUTHENTICATED. */
  user(): User;
  /** Ends the call with an error at once, also while a response waits for a caller that does not read. Streams need it. */
  abort(error: RpcError): void;
  /**
   * Runs `work` once for this user, method and `requestId` (AIP-155). A repetition with an equal request gets the stored
   * response; one with another request gets ALREADY_EXISTS with reason REQUEST_ID_REUSED; an empty id runs `work` anew. The response is stored in
   * the transaction of `work`, so that a crash in between leaves neither.
   */
  once<R extends object>(
    request: { readonly requestId: string },
    work: (unit: UnitOfWork<M>) => Promise<R>,
  ): Promise<R>;
}
