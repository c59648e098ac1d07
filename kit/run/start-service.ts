// Starts a service in this process and ends it in order. The same function runs it in a pod, on a laptop and in tests.
// Health tells the truth all the way: NOT_SERVING while starting, while the database is gone and while draining.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CallScope } from '../calls/call-scope.ts';
import { ChangeFeed } from '../changes/change-feed.ts';
import { clientsClass } from '../client/clients-class.ts';
import type { Clock } from '../clock/clock.ts';
import { systemClock } from '../clock/system-clock.ts';
import { readServiceConfig } from '../config/kit-variables.ts';
import type { Environment } from '../config/read-config.ts';
import type { Application, UnitOfWork } from '../context.ts';
import { codecIn, type codecOf } from '../contract/codec.ts';
import { type ContractSource, platformContracts } from '../contract/contract-source.ts';
import type { MessageName } from '../contract/shapes.ts';
import { openDatabase, type ServiceDatabase } from '../database/open-database.ts';
import type { RunningEdge } from '../edge.ts';
import { RpcError } from '../errors/rpc-error.ts';
import { openEvents } from '../events/events.ts';
import { createIdentity } from '../identity/identity.ts';
import type { ServiceManifest } from '../manifest.ts';
import { openSagas } from '../saga/open-sagas.ts';
import type { Service } from '../service.ts';
import { createTelemetry, type LineSink } from '../telemetry/telemetry.ts';
import { AdminServer } from './admin-server.ts';
import { createApplication, unitOfWork } from './application.ts';
import { contextFactory } from './call-context.ts';
import type { KitParts } from './kit-parts.ts';
import { loadTransport } from './load-transport.ts';
import { serveContract } from './serve-contract.ts';
import { Shutdown } from './shutdown.ts';

/** Options of {@link startService}. */
export interface StartOptions {
  /** Environment variables, all of them. */
  readonly env: Environment;
  /** Where log lines go. @default process.stdout */
  readonly stdout?: LineSink;
  /** Folder of the service's migrations. @default `services/<name>/migrations`, when it is there */
  readonly migrations?: string;
  /** Addresses to dial in place of DNS names, by service. @default {} */
  readonly endpoints?: Readonly<Record<string, string>>;
  /** @default - the machine's */
  readonly clock?: Clock;
  /** Where contracts come from. @default - proto/ */
  readonly contracts?: ContractSource;
}

/** A service that runs. */
export interface RunningService {
  /** Where gRPC is served; empty for a service without a contract. */
  readonly address: string;
  /** Where /metrics, /livez and /readyz are served. */
  readonly adminAddress: string;
  /** Where HTTP is served to the outside; empty for a service without an edge. */
  readonly edgeAddress: string;
  /** What its handlers see outside of calls. */
  readonly application: Application;
  /** Whether it answers calls now. */
  ready(): boolean;
  /** Drains: NOT_SERVING, finish what is in flight, close. Safe to call twice. */
  stop(): Promise<void>;
}

function migrationsOf(manifest: ServiceManifest, given: string | undefined): string | undefined {
  const folder = given ?? fileURLToPath(new URL(`../../services/${manifest.name}/migrations`, import.meta.url));
  return existsSync(folder) ? folder : undefined;
}

/**
 * Starts a service: configuration, telemetry, admin port, database, events, gRPC, and at last SERVING.
 *
 * @throws ConfigError when variables are missing or bad; Error when a port is taken or the database does not answer
 */
export async function startService<M extends ServiceManifest>(
  service: Service<M>,
  options: StartOptions,
): Promise<RunningService> {
  const shutdown = new Shutdown();
  try {
    return await start(service as unknown as Service, options, shutdown);
  } catch (error) {
    await shutdown.run();
    throw error;
  }
}

async function start(service: Service, options: StartOptions, shutdown: Shutdown): Promise<RunningService> {
  const { manifest, hooks } = service;
  const { clock = systemClock, contracts = platformContracts } = options;
  const { kit: config, own } = readServiceConfig(manifest, options.env);
  const telemetry = await createTelemetry({
    service: manifest.name,
    version: config.SERVICE_VERSION,
    logLevel: config.LOG_LEVEL,
    otlpEndpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT,
    sampleRatio: config.sampleRatio,
    stdout: options.stdout,
  });
  shutdown.add(() => telemetry.shutdown());
  const { log } = telemetry;
  const draining = new AbortController();
  let serving: { ready(): boolean } = { ready: () => false };

  let edge: RunningEdge | undefined;
  const waitingFor = (): readonly string[] => edge?.waitingFor() ?? [];
  const admin = new AdminServer({ telemetry, ready: () => serving.ready(), waitingFor });
  shutdown.add(() => admin.close());
  const adminAddress = await admin.listen(config.FAIRLEAD_ADMIN_LISTEN);

  let database: ServiceDatabase<unknown> | undefined;
  let changes: ChangeFeed | undefined;
  if (config.databaseUrl !== undefined) {
    const migrations = migrationsOf(manifest, options.migrations);
    const url = config.databaseUrl;
    const opened = await openDatabase<unknown>({ url, service: manifest.name, migrations, log, clock });
    shutdown.add(() => opened.close());
    const feed = new ChangeFeed({ url, service: manifest.name, clock, log });
    shutdown.add(() => feed.close());
    database = opened;
    changes = feed;
  }
  const events =
    config.eventLogUrl === undefined || database === undefined
      ? undefined
      : await openEvents({
          manifest,
          database,
          eventLogUrl: config.eventLogUrl,
          codec: (name) => codecIn(contracts, name) as unknown as ReturnType<typeof codecOf<MessageName>>,
          log,
          clock,
          registry: telemetry.registry,
        });
  if (events !== undefined) shutdown.add(() => events.stop());

  const identity = createIdentity({
    jwksUri: config.FAIRLEAD_JWKS_URI,
    issuer: config.FAIRLEAD_JWT_ISSUER,
    audience: config.FAIRLEAD_JWT_AUDIENCE,
    clock,
    log,
  });
  const transport = await loadTransport(config.FAIRLEAD_TRANSPORT);
  const { Clients, health, close } = clientsClass({
    openChannel: transport.openChannel,
    proxyUrl: options.env.grpc_proxy,
    recorder: telemetry.client,
    forward: identity.forward,
    calls: manifest.calls ?? {},
    userAgent: `fairlead-${manifest.name}/${config.SERVICE_VERSION}`,
    namespace: config.FAIRLEAD_NAMESPACE,
    domain: config.FAIRLEAD_CLUSTER_DOMAIN,
    endpoints: options.endpoints,
    contracts,
  });
  shutdown.add(async () => close());

  const parts: KitParts = { manifest, config, own, clock, telemetry, database, changes, events, draining };
  const application = createApplication(parts, Clients);
  for (const [path, answer] of Object.entries(hooks.admin ?? {})) admin.add(path, () => answer(application));

  if (hooks.sagas !== undefined && hooks.sagas.length > 0) {
    const clientsFor = (signal: AbortSignal): Application['clients'] =>
      new Clients(scopeOf(signal)) as Application['clients'];
    const sagas = openSagas({ sagas: hooks.sagas, application, registry: telemetry.registry, clientsFor });
    // Stops after the server: calls in flight may wait for the end of their saga.
    shutdown.add(() => sagas.stop());
  }

  const context = contextFactory(parts, application, Clients);
  const server = serveContract({
    parts,
    service,
    contracts,
    identity,
    context,
    createTransport: transport.createServer,
  });
  serving = server;
  shutdown.add(() => server.stop());
  const address = await server.listen();
  const beginDraining = async (): Promise<void> => {
    server.notServing();
    draining.abort();
  };
  shutdown.add(beginDraining);

  await hooks.start?.(application);
  if (events !== undefined && hooks.on !== undefined) {
    const { rebuild } = hooks;
    events.consume({
      handlers: hooks.on as Readonly<Record<string, never>>,
      makeContext: (unit, event) => eventContext(application, unitOfWork(parts, unit.db), event.id),
      ...(rebuild === undefined ? {} : { rebuild: (unit) => rebuild(unitOfWork(parts, unit.db)) }),
    });
  }
  edge = await hooks.edge?.({
    manifest,
    application,
    config,
    telemetry,
    identity,
    clients: (scope) => new Clients(scope) as Application['clients'],
    health,
    ready: () => server.ready(),
  });
  const opened = edge;
  if (opened !== undefined) shutdown.add(() => opened.stop());
  // Once more, because the last step that was added is the first that runs.
  shutdown.add(beginDraining);
  server.start();
  const edgeAddress = edge?.address ?? '';
  log.info('serving', { address, adminAddress, edgeAddress });
  const ready = (): boolean => server.ready() && waitingFor().length === 0;
  return { address, adminAddress, edgeAddress, application, ready, stop: () => shutdown.run() };
}

/** The application with the unit of work in which an event is handled. */
function eventContext(application: Application, unit: UnitOfWork<never>, requestId: string): never {
  // Defined, not assigned: the application's `db` is a getter, which an assignment would run into.
  return Object.create(application, Object.getOwnPropertyDescriptors({ ...unit, requestId })) as never;
}

/** Bounds of calls that end with a signal rather than with an incoming call. */
function scopeOf(signal: AbortSignal): CallScope {
  const scope = new CallScope(Number.POSITIVE_INFINITY, undefined, undefined);
  const end = (): void => {
    const { reason } = signal;
    scope.cancel(RpcError.is(reason) ? reason : new RpcError('CANCELLED', 'the process stops'));
  };
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
  return scope;
}
