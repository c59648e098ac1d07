// What a service is, as data: its contract, what it calls, stores, publishes and consumes, and its variables.
// Nothing here reads the environment or opens a socket: the kit runs manifests, cdk8s derives the mesh from them.
import type { Values, Variables } from './config/variable.ts';
import type { ContractName, MessageName, RpcName } from './contract/shapes.ts';
import type { Duration } from './duration.ts';

export { variable } from './config/variable.ts';

/** Methods of one other service that this service calls. */
export interface CallDeclaration<S extends ContractName = ContractName, M extends string = string> {
  readonly contract: S;
  readonly methods: readonly M[];
}

/** What a service calls, keyed by the called service's Kubernetes name (`payment`). */
export type CallDeclarations = Readonly<Record<string, CallDeclaration>>;

/** Declares calls to methods of another service; a method that the contract lacks does not compile. */
export function calls<const S extends ContractName, const M extends RpcName<S>>(
  contract: S,
  methods: readonly M[],
): CallDeclaration<S, M> {
  return { contract, methods };
}

/**
 * A PostgreSQL database of the service's own. `Tables` is its Kysely table interface, known to the compiler only and generated
 * from the migrations, with names in camelCase.
 */
export interface DatabaseDeclaration<Tables = unknown> {
  readonly engine: 'postgres';
  readonly tables?: Tables;
}

/** Declares the service's own database; migrations are the `.sql` or `.ts` files in the service's `migrations/`. */
export function database<Tables>(): DatabaseDeclaration<Tables> {
  return { engine: 'postgres' };
}

/** Bounds on one method where the kit's defaults do not fit. */
export interface MethodLimits {
  /** Largest accepted request message, in bytes. @default 1 MiB */
  readonly maxRequestBytes?: number;
  /** Longest time that a call may stay open, whatever deadline its caller set. @default '30s' unary, '1h' streams */
  readonly maxDuration?: Duration;
}

/** Everything that is declared about a service. See {@link defineService}. */
export interface ServiceManifest {
  /** Kubernetes name of the service, lower case with dashes; also the name of its folder and its database. */
  readonly name: string;
  /** The gRPC service that it implements. @default - none: an HTTP edge such as the gateway */
  readonly contract?: ContractName;
  /** One sentence for people. */
  readonly description: string;
  /** Versions deployed side by side from the same code; the process learns its own from `SERVICE_VERSION`. @default ['v1'] */
  readonly versions?: readonly string[];
  /** Other services' methods that it calls. Mesh policy is derived from this. @default {} */
  readonly calls?: CallDeclarations;
  /** @default - stores nothing */
  readonly database?: DatabaseDeclaration;
  /** Event messages that it publishes, by full name. @default [] */
  readonly publishes?: readonly MessageName[];
  /** Event messages that it consumes, in a consumer group that bears its name. @default [] */
  readonly consumes?: readonly MessageName[];
  /** Environment variables beyond the kit's own. @default {} */
  readonly config?: Variables;
  /** Bounds by RPC name. @default {} */
  readonly limits?: Readonly<Record<string, MethodLimits>>;
  /** Port of an HTTP/1.1 edge, for a service without a contract. @default - no HTTP edge */
  readonly httpPort?: number;
}

/**
 * Declares a service. The value is kept as it is written, so that handlers, clients, events and variables are
 * typed from it.
 */
export function defineService<const M extends ServiceManifest>(manifest: M): M {
  return manifest;
}

/** The values of a manifest's variables. */
export type ConfigOf<M extends ServiceManifest> = M['config'] extends Variables ? Values<M['config']> : object;

/** The Kysely tables of a manifest's database. */
export type TablesOf<M extends ServiceManifest> =
  M['database'] extends DatabaseDeclaration<infer Tables> ? Tables : Record<never, never>;

/** The events that a manifest publishes. */
export type PublishedBy<M extends ServiceManifest> = M['publishes'] extends readonly (infer N extends MessageName)[]
  ? N
  : never;

/** The events that a manifest consumes. */
export type ConsumedBy<M extends ServiceManifest> = M['consumes'] extends readonly (infer N extends MessageName)[]
  ? N
  : never;
