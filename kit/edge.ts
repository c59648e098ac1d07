// What an HTTP edge is given by the process that runs it, beside its application. An edge has no contract of its own:
// it turns requests of the outside into calls of the services that its manifest declares.
import type { CallScope } from './calls/call-scope.ts';
import type { KitConfig } from './config/kit-variables.ts';
import type { Application, ClientsOf } from './context.ts';
import type { Identity } from './identity/identity.ts';
import type { ServiceManifest } from './manifest.ts';
import type { Telemetry } from './telemetry/telemetry.ts';

/** Health of a service as `grpc.health.v1` words it; `UNREACHABLE` where there was no answer. */
export type HealthStatus = 'SERVING' | 'NOT_SERVING' | 'UNKNOWN' | 'SERVICE_UNKNOWN' | 'UNREACHABLE';

/** The process around an HTTP edge. */
export interface Edge<M extends ServiceManifest = ServiceManifest> {
  readonly manifest: M;
  readonly application: Application<M>;
  readonly config: KitConfig;
  readonly telemetry: Telemetry;
  readonly identity: Identity;
  /**
   * Clients for the declared calls that work on behalf of one request: they carry what `identity.forward` takes from the
   * scope's headers, end with the scope, and go on with its trace. Making them is cheap.
   */
  clients(scope: CallScope): ClientsOf<M>;
  /** Asks one of the called services for its health, by the key under which the manifest declares it. */
  health(service: string, signal: AbortSignal): Promise<HealthStatus>;
  /** False while the process starts or drains. */
  ready(): boolean;
}

/** A listening edge. */
export interface RunningEdge {
  /** `http://127.0.0.1:8080`. */
  readonly address: string;
  /** Called services that it has not seen serving yet; until there are none, the process is not ready. */
  waitingFor(): readonly string[];
  /** Takes no new requests, finishes those in flight, and ends streams with a word. */
  stop(): Promise<void>;
}
