// The kit's own environment variables: the same in a pod and on a laptop, so that a service cannot tell the two apart.
// DATABASE_URL and EVENT_LOG_URL are asked for only where the manifest declares a database or events.
import type { ServiceManifest } from '../manifest.ts';
import { type Environment, readConfig } from './read-config.ts';
import { type Values, type Variables, variable } from './variable.ts';

/** Variables that every service has. */
export const kitVariables = {
  SERVICE_VERSION: variable.string({
    description: 'Version of this process, one of those that the manifest deploys',
    example: 'v2',
    default: 'v1',
  }),
  FAIRLEAD_LISTEN: variable.string({
    description: 'Where gRPC is served: host:port, or unix:/path',
    example: 'unix:/run/fairlead/payment.sock',
    default: '0.0.0.0:50051',
  }),
  FAIRLEAD_ADMIN_LISTEN: variable.string({
    description: 'Where /metrics, /livez and /readyz are served over HTTP/1.1: host:port, or unix:/path',
    example: '127.0.0.1:9090',
    default: '0.0.0.0:9090',
  }),
  FAIRLEAD_NAMESPACE: variable.string({
    description: 'Kubernetes namespace of the platform, part of every name that is dialled',
    example: 'fairlead',
    default: 'fairlead',
  }),
  FAIRLEAD_CLUSTER_DOMAIN: variable.string({
    description: 'DNS domain of the cluster',
    example: 'cluster.local',
    default: 'cluster.local',
  }),
  FAIRLEAD_JWKS_URI: variable.string({
    description: "Where the public keys of access tokens are read; nothing means the user service's admin port",
    example: 'http://127.0.0.1:9090/.well-known/jwks.json',
    default: '',
  }),
  FAIRLEAD_JWT_ISSUER: variable.string({
    description: 'The `iss` that access tokens must have',
    example: 'https://fairlead.example/',
    default: 'https://fairlead.example/',
  }),
  FAIRLEAD_JWT_AUDIENCE: variable.string({
    description: 'The `aud` that access tokens must have',
    example: 'fairlead',
    default: 'fairlead',
  }),
  FAIRLEAD_TRANSPORT: variable.choice(['grpc-js', 'fairlead'], {
    description: 'Implementation of gRPC under servers and clients',
    example: 'grpc-js',
    default: 'fairlead',
  }),
  LOG_LEVEL: variable.choice(['debug', 'info', 'warn', 'error', 'silent'], {
    description: 'The least important log lines that are written',
    example: 'debug',
    default: 'info',
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: variable.string({
    description: 'OpenTelemetry collector (OTLP over gRPC) that gets the traces; nothing means that none are recorded',
    example: 'http://otel-collector.observability.svc.cluster.local:4317',
    default: '',
  }),
  OTEL_TRACES_SAMPLER_ARG: variable.string({
    description: 'Share of new traces that is recorded, from 0 to 1; a caller that decided already is followed',
    example: '0.1',
    default: '0.1',
  }),
} as const satisfies Variables;

/** What Kubernetes itself sets in every pod; nobody else sets these. */
export const clusterVariables = {
  KUBERNETES_SERVICE_HOST: variable.string({
    description: 'Host of the Kubernetes API; Kubernetes sets it in every pod, nothing means that there is no cluster',
    example: '10.96.0.1',
    default: '',
  }),
  KUBERNETES_SERVICE_PORT: variable.integer({
    description: 'Port of the Kubernetes API',
    example: '443',
    default: 443,
  }),
} as const satisfies Variables;

/** Where the service's own database is. */
export const databaseVariables = {
  DATABASE_URL: variable.url({
    description: "PostgreSQL database of the service's own",
    example: 'postgres://order:secret@postgres.fairlead.svc.cluster.local:5432/order',
    secret: true,
  }),
} as const satisfies Variables;

/** Where the durable event log is. */
export const eventVariables = {
  EVENT_LOG_URL: variable.url({
    description: 'PostgreSQL database of the durable event log',
    example: 'postgres://events:secret@postgres.fairlead.svc.cluster.local:5432/events',
    secret: true,
  }),
} as const satisfies Variables;

/** The kit's part of the environment, read. */
export interface KitConfig
  extends Omit<Values<typeof kitVariables>, 'OTEL_TRACES_SAMPLER_ARG'>,
    Values<typeof clusterVariables> {
  /** Share of new traces that is recorded. */
  readonly sampleRatio: number;
  /** Absent when the manifest declares no database. */
  readonly databaseUrl?: string;
  /** Absent when the manifest neither publishes nor consumes. */
  readonly eventLogUrl?: string;
}

/** All variables that a service's process reads, in the order in which a person would set them. */
export function variablesOf(manifest: ServiceManifest): Variables {
  const events = (manifest.publishes?.length ?? 0) + (manifest.consumes?.length ?? 0) > 0;
  return {
    ...kitVariables,
    ...clusterVariables,
    ...(manifest.database === undefined ? {} : databaseVariables),
    ...(events ? eventVariables : {}),
    ...manifest.config,
  };
}

/**
 * Reads the kit's variables and the manifest's own together, so that one message names everything that is wrong.
 *
 * @throws ConfigError
 */
export function readServiceConfig(
  manifest: ServiceManifest,
  env: Environment,
): { readonly kit: KitConfig; readonly own: Readonly<Record<string, unknown>> } {
  const all: Readonly<Record<string, unknown>> = readConfig(variablesOf(manifest), env);
  const { OTEL_TRACES_SAMPLER_ARG, ...kit } = readConfig({ ...kitVariables, ...clusterVariables }, env);
  const { DATABASE_URL: databaseUrl, EVENT_LOG_URL: eventLogUrl } = all;
  const own = Object.fromEntries(Object.keys(manifest.config ?? {}).map((name) => [name, all[name]]));
  return {
    kit: {
      ...kit,
      FAIRLEAD_JWKS_URI: kit.FAIRLEAD_JWKS_URI || defaultJwksUri(kit.FAIRLEAD_NAMESPACE, kit.FAIRLEAD_CLUSTER_DOMAIN),
      sampleRatio: ratio(OTEL_TRACES_SAMPLER_ARG),
      ...(typeof databaseUrl === 'string' ? { databaseUrl } : {}),
      ...(typeof eventLogUrl === 'string' ? { eventLogUrl } : {}),
    },
    own,
  };
}

function defaultJwksUri(namespace: string, domain: string): string {
  return `http://user.${namespace}.svc.${domain}:9090/.well-known/jwks.json`;
}

/** OpenTelemetry asks SDKs to go on with the default where the argument is not a ratio. */
function ratio(text: string): number {
  const value = Number(text);
  return value >= 0 && value <= 1 ? value : 0.1;
}
