// Starts one service as it runs in production: real sockets, its own fresh database, the real event log. Only the services
// that it calls are played by mock servers, typed by its manifest. Everything ends with `stop`.
import type { Kysely } from 'kysely';
import type { Clock } from '../clock/clock.ts';
import { systemClock } from '../clock/system-clock.ts';
import type { Application } from '../context.ts';
import { type ContractSource, platformContracts } from '../contract/contract-source.ts';
import type { ContractName, HandlersOf, RpcName } from '../contract/shapes.ts';
import type { CallDeclaration, ServiceManifest, TablesOf } from '../manifest.ts';
import { type RunningService, startService } from '../run/start-service.ts';
import type { Service } from '../service.ts';
import { type MockCall, type MockServer, startMockServer } from './mock-server.ts';
import { type ContractClient, connect } from './test-client.ts';
import { createTestDatabase, type TestDatabase } from './test-database.ts';
import { openTestEvents, type TestEvents } from './test-events.ts';
import { type MintOptions, startTestTokens, type TestUser } from './test-tokens.ts';
import { transportUnderTest } from './transport-under-test.ts';

/** Fakes for some of the declared calls: `{ payment: { charge: async (request) => ({ ... }) } }`. */
export type FakesOf<M extends ServiceManifest> = {
  readonly [K in keyof M['calls']]?: M['calls'][K] extends CallDeclaration<infer S extends ContractName, infer R>
    ? Partial<Pick<HandlersOf<S, MockCall>, Uncapitalize<R & RpcName<S>> & keyof HandlersOf<S, MockCall>>>
    : never;
};

/** Mock servers of the declared calls, by service name. */
export type MocksOf<M extends ServiceManifest> = {
  readonly [K in keyof M['calls']]: M['calls'][K] extends CallDeclaration<infer S extends ContractName, string>
    ? MockServer<S>
    : never;
};

/** A client of the service's own contract. */
export type OwnClient<M extends ServiceManifest> = M['contract'] extends ContractName
  ? ContractClient<M['contract']>
  : object;

/** Options of {@link startTestService}. */
export interface TestServiceOptions<M extends ServiceManifest> {
  /** Answers of the services that it calls. A call without one fails with UNIMPLEMENTED. @default {} */
  readonly fakes?: FakesOf<M>;
  /** User that `client` calls as; null: nobody. @default - a new customer */
  readonly user?: TestUser | null;
  /** Further environment variables. @default {} */
  readonly env?: Readonly<Record<string, string>>;
  /** @default - the machine's */
  readonly clock?: Clock;
  /** Folder of migrations. @default `services/<name>/migrations` */
  readonly migrations?: string;
  /** @default - proto/ */
  readonly contracts?: ContractSource;
}

/** A service under test. */
export interface TestService<M extends ServiceManifest> {
  /** Calls as the options' user. */
  readonly client: OwnClient<M>;
  /** Calls as another user; null: as nobody. */
  as(user: TestUser | null): Promise<OwnClient<M>>;
  /** Calls with metadata of the test's own: forged tokens, headers of the mesh. */
  withMetadata(metadata: Readonly<Record<string, string>>): OwnClient<M>;
  /** An access token: a valid one, or one that has expired. */
  token(user: TestUser, options?: MintOptions): Promise<string>;
  /** The services that it calls: their recorded calls, and other answers while the test goes on. */
  readonly mocks: MocksOf<M>;
  /** Its tables. Throws when the manifest declares no database. */
  readonly db: Kysely<TablesOf<M>>;
  readonly databaseUrl: string;
  /** Events from and to others. */
  readonly events: TestEvents;
  readonly application: Application<M>;
  /** gRPC address, `127.0.0.1:port`. */
  readonly address: string;
  /** Of /metrics, /livez, /readyz and the service's admin paths. */
  readonly adminAddress: string;
  /** Log lines so far, parsed. */
  readonly logs: readonly Readonly<Record<string, unknown>>[];
  /** Ends the service, in order, and starts it again on the same database. Clients and addresses are new ones. */
  restart(): Promise<TestService<M>>;
  /** Starts one more on the same database and with the same mocks, as a second replica; stop it before this one. */
  replica(): Promise<TestService<M>>;
  /** Ends everything and removes the databases. */
  stop(): Promise<void>;
}

/** What outlives a restart. */
interface Surroundings<M extends ServiceManifest> {
  readonly service: Service<M>;
  readonly options: TestServiceOptions<M>;
  readonly env: Readonly<Record<string, string>>;
  readonly mocks: Readonly<Record<string, MockServer>>;
  readonly tokens: Awaited<ReturnType<typeof startTestTokens>>;
  readonly events: TestEvents | undefined;
  readonly databaseUrl: string;
  readonly logs: Readonly<Record<string, unknown>>[];
  end(): Promise<void>;
}

function undeclared(manifest: ServiceManifest, what: string): Error {
  return new Error(`service '${manifest.name}' declares no ${what}`);
}

/** Starts the service with everything around it. */
export async function startTestService<M extends ServiceManifest>(
  service: Service<M>,
  options: TestServiceOptions<M> = {},
): Promise<TestService<M>> {
  const { manifest } = service;
  const { clock = systemClock, contracts = platformContracts } = options;
  const databases: TestDatabase[] = [];
  const freshDatabase = async (label: string): Promise<string> => {
    const database = await createTestDatabase(label);
    databases.push(database);
    return database.url;
  };
  const databaseUrl = manifest.database === undefined ? '' : await freshDatabase(manifest.name);
  const hasEvents = (manifest.publishes?.length ?? 0) + (manifest.consumes?.length ?? 0) > 0;
  const eventLogUrl = hasEvents ? await freshDatabase('event_log') : '';
  const tokens = await startTestTokens(clock);
  const mocks: Record<string, MockServer> = {};
  for (const [name, { contract }] of Object.entries(manifest.calls ?? {})) {
    const fakes = (options.fakes as Readonly<Record<string, object>> | undefined)?.[name];
    mocks[name] = (await startMockServer(contract, fakes, contracts)) as unknown as MockServer;
  }
  const types = manifest.publishes ?? [];
  const events = hasEvents ? openTestEvents({ eventLogUrl, types, clock, contracts }) : undefined;
  return start({
    service,
    options,
    mocks,
    tokens,
    events,
    databaseUrl,
    logs: [],
    env: {
      FAIRLEAD_LISTEN: '127.0.0.1:0',
      FAIRLEAD_ADMIN_LISTEN: '127.0.0.1:0',
      FAIRLEAD_TRANSPORT: transportUnderTest,
      ...tokens.env,
      ...(databaseUrl === '' ? {} : { DATABASE_URL: databaseUrl }),
      ...(eventLogUrl === '' ? {} : { EVENT_LOG_URL: eventLogUrl }),
      ...options.env,
    },
    async end() {
      await events?.stop();
      await Promise.all(Object.values(mocks).map((mock) => mock.stop()));
      await tokens.stop();
      await Promise.all(databases.map((database) => database.drop()));
    },
  });
}

async function start<M extends ServiceManifest>(around: Surroundings<M>): Promise<TestService<M>> {
  const { service, options, env, mocks, tokens, events, databaseUrl, logs } = around;
  const { manifest } = service;
  const { clock, migrations, contracts } = options;
  let running: RunningService;
  try {
    running = await startService(service, {
      env,
      stdout: { write: (line) => logs.push(JSON.parse(line)) },
      endpoints: Object.fromEntries(Object.entries(mocks).map(([name, mock]) => [name, mock.address])),
      ...(clock === undefined ? {} : { clock }),
      ...(migrations === undefined ? {} : { migrations }),
      ...(contracts === undefined ? {} : { contracts }),
    });
  } catch (error) {
    await around.end();
    throw error;
  }
  const connection =
    manifest.contract === undefined ? undefined : await connect(manifest.contract, running.address, contracts);
  const withMetadata = (metadata: Readonly<Record<string, string>>): OwnClient<M> =>
    (connection?.with(metadata) ?? {}) as OwnClient<M>;
  const as = async (user: TestUser | null): Promise<OwnClient<M>> =>
    withMetadata(user === null ? {} : { authorization: `Bearer ${await tokens.mint(user)}` });
  async function close(): Promise<void> {
    await connection?.close();
    await running.stop();
  }
  return {
    client: await as(options.user === undefined ? {} : options.user),
    as,
    withMetadata,
    token: (user, how) => tokens.mint(user, how),
    mocks: mocks as unknown as MocksOf<M>,
    get db() {
      return running.application.db as unknown as Kysely<TablesOf<M>>;
    },
    databaseUrl,
    get events() {
      if (events === undefined) throw undeclared(manifest, 'events');
      return events;
    },
    application: running.application as unknown as Application<M>,
    address: running.address,
    adminAddress: running.adminAddress,
    logs,
    async restart() {
      await close();
      return start(around);
    },
    replica: () => start({ ...around, end: async () => {} }),
    async stop() {
      await close();
      await around.end();
    },
  };
}
