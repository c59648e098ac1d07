// The environment of each service's process: the same variables as in a pod, with this machine's values.
// Variables of a service that the person set (`SHIPMENT_STEP=5s npm start`) are passed through.
import { join } from 'node:path';
import type { DataFolder } from './data/data-folder.ts';
import type { Instance } from './find-services.ts';

/** What the environments of all services are made from. */
export interface EnvironmentOptions {
  readonly data: DataFolder;
  readonly databases: ReadonlyMap<string, string>;
  readonly eventLogUrl: string;
  readonly jwksUri: string;
  /** Value of `grpc_proxy`. */
  readonly proxyFor: (instance: Instance) => string;
}

/** Variables that would undo what the launcher sets, whatever the person's shell says. */
const dropped = [
  'DATABASE_URL',
  'EVENT_LOG_URL',
  'NODE_OPTIONS',
  'NODE_CHANNEL_FD',
  'no_grpc_proxy',
  'no_proxy',
  'NO_PROXY',
];

/** Settings that follow from how the gateway is reached here; another value would leave it out of reach. */
const fixed: ReadonlySet<string> = new Set(['GATEWAY_LISTEN', 'GATEWAY_TRUSTED_PROXIES']);

/** Settings of single services where a laptop differs from the manifest's defaults. */
function ownSettings(instance: Instance, options: EnvironmentOptions): Record<string, string> {
  switch (instance.service) {
    case 'gateway':
      // As in a cluster, the ingress gateway is the one proxy in front, and says whose request it is.
      return { GATEWAY_LISTEN: `unix:${socketOf(options.data, instance)}`, GATEWAY_TRUSTED_PROXIES: '1' };
    case 'notification':
      return { MAIL_FOLDER: options.data.mail };
    case 'user':
      return { USER_ADMIN_EMAILS: 'admin@example.com', USER_SUPPORT_EMAILS: 'support@example.com' };
    default:
      return {};
  }
}

/** Path of the unix socket that an instance serves on: only its user, and so its sidecar, can reach it. */
export function socketOf(data: DataFolder, { name }: Instance): string {
  return join(data.run, `${name}.sock`);
}

/** The environment of one process. */
export function environmentOf(
  instance: Instance,
  adminPort: number,
  options: EnvironmentOptions,
): Readonly<Record<string, string | undefined>> {
  const { service, version, manifest } = instance;
  const { data, databases, eventLogUrl, jwksUri } = options;
  const person = Object.fromEntries(Object.entries(process.env).filter(([name]) => !dropped.includes(name)));
  const hasEvents = (manifest.publishes?.length ?? 0) + (manifest.consumes?.length ?? 0) > 0;
  const settings = ownSettings(instance, options);
  for (const name of Object.keys(manifest.config ?? {})) {
    const set = process.env[name];
    if (set !== undefined && !fixed.has(name)) settings[name] = set;
  }
  return {
    // Connections that are not there yet are made again: grpc-js need not say so on the terminal.
    GRPC_VERBOSITY: 'NONE',
    ...person,
    // Fewer arenas and threads than a server would want.
    MALLOC_ARENA_MAX: '2',
    UV_THREADPOOL_SIZE: '2',
    NODE_COMPILE_CACHE: data.cache,
    SERVICE_VERSION: version,
    FAIRLEAD_LISTEN: `unix:${socketOf(data, instance)}`,
    FAIRLEAD_ADMIN_LISTEN: `127.0.0.1:${adminPort}`,
    FAIRLEAD_NAMESPACE: 'fairlead',
    FAIRLEAD_CLUSTER_DOMAIN: 'cluster.local',
    FAIRLEAD_JWKS_URI: jwksUri,
    grpc_proxy: options.proxyFor(instance),
    ...(manifest.database === undefined ? {} : { DATABASE_URL: databases.get(service) }),
    ...(hasEvents ? { EVENT_LOG_URL: eventLogUrl } : {}),
    ...settings,
  };
}
