// The services of the commerce flow as real processes over real gRPC and real PostgreSQL, and whoever starts them again.
// No mesh stands between them: it repeats and reroutes calls, and what is asked here is whether the services hold without it.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { systemClock } from '#kit/clock/system-clock.ts';
import { processEnvironment } from '#kit/config/process-environment.ts';
import { columnTypes } from '#kit/database/column-types.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#kit/database/embedded/embedded-postgres.ts';
import { transportUnderTest } from '#kit/testing/transport-under-test.ts';
import { prepareDatabases } from '../../../../laptop/data/databases.ts';
import { listeningPort } from '../../../../laptop/processes/listening-port.ts';
import { type ProcessName, processNames, type ServiceName, serviceOf, versionOf } from './process-name.ts';
import { RunningService } from './running-service.ts';

/** A database of the shop: a service's, or the event log. */
export type DatabaseName = Exclude<ServiceName, 'gateway'> | 'events';

const databaseNames: readonly DatabaseName[] = [
  ...new Set(processNames.map(serviceOf).filter((name) => name !== 'gateway')),
  'events',
];

/** Told what happens to the shop's processes. */
export type ShopNews = (news: {
  readonly who: string;
  readonly what: 'ended' | 'serving';
  readonly how: string;
}) => void;

/** Options of {@link openShop}. */
export interface ShopOptions {
  readonly onNews: ShopNews;
}

/** A running shop. */
export interface Shop {
  readonly services: ReadonlyMap<ProcessName, RunningService>;
  /** Where the gateway serves HTTP. */
  readonly gateway: string;
  /** Folder of logs and mails. */
  readonly folder: string;
  /** Address of a process's gRPC. */
  address(process: ProcessName): string;
  /** Asks a database; PostgreSQL that is just being started again is waited for. */
  query<R extends object>(database: DatabaseName, text: string, values?: readonly unknown[]): Promise<R[]>;
  /** kill -9 of PostgreSQL: its first process, or one that serves a connection, after which it restarts all by itself. */
  killPostgres(which: 'postmaster' | 'backend'): Promise<void>;
  /** Has a service start anew with a bug (planted/), or without one when the name is empty; and so after each kill. */
  plant(service: ProcessName, bug: string): Promise<void>;
  /** Resolves when everything serves. */
  serving(): Promise<void>;
  /** A killed process's sagas wait for its lease to run out, five seconds, unless this is called off. @default true */
  hurry: boolean;
  /** Kills all of it. @param keep leaves the folder, for whoever looks for what went wrong */
  close(keep?: boolean): Promise<void>;
}

const slowCard = { SLOW_CARD_DELAY: '300ms' };
const settings: Readonly<Partial<Record<ProcessName, Readonly<Record<string, string>>>>> = {
  // What is asked here is not how long a password withstands.
  user: { USER_PASSWORD_COST: '10' },
  catalog: { CATALOG_GENERATED_PRODUCTS: '60' },
  // Short enough that a run sees the end of a reservation whose answer was lost, long enough for an order that is held up.
  inventory: { INVENTORY_RESERVATION_LIFETIME: '60s', INVENTORY_SWEEP_INTERVAL: '1s' },
  'payment-v1': slowCard,
  'payment-v2': slowCard,
  shipping: { SHIPMENT_STEP: '120ms' },
  // Customers of a run all come from one address.
  gateway: { GATEWAY_PRINCIPAL_REQUESTS: '0', GATEWAY_ADDRESS_REQUESTS: '0' },
};

/** Starts PostgreSQL and the services; resolves when all of them serve. */
export async function openShop(options: ShopOptions): Promise<Shop> {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-histories-'));
  for (const name of ['logs', 'mail', 'run']) mkdirSync(join(folder, name));
  let stopping = false;
  let postgres: EmbeddedPostgres = await startEmbeddedPostgres({ folder: join(folder, 'postgres'), durable: false });
  let back: Promise<void> = Promise.resolve();
  const watch = (server: EmbeddedPostgres): void => {
    void server.ended.then(() => {
      if (stopping) return;
      options.onNews({ who: 'postgres', what: 'ended', how: 'SIGKILL' });
      back = startEmbeddedPostgres({ folder: join(folder, 'postgres'), port: server.port, durable: false }).then(
        (again) => {
          postgres = again;
          options.onNews({ who: 'postgres', what: 'serving', how: '' });
          watch(again);
        },
      );
    });
  };
  watch(postgres);
  const databases = await prepareDatabases({
    server: postgres.url(),
    names: databaseNames,
    password: (name) => `password of ${name}`,
  });
  await commitForSure(postgres.url(), [...databases.keys()]);
  const url = (name: DatabaseName): string => databases.get(name) ?? '';
  const pools = new Map<DatabaseName, pg.Pool>();
  for (const name of databaseNames) {
    const pool = new pg.Pool({
      connectionString: url(name),
      max: 2,
      types: columnTypes,
      connectionTimeoutMillis: 5_000,
    });
    pool.on('error', () => {});
    pools.set(name, pool);
  }
  async function query<R extends object>(
    database: DatabaseName,
    text: string,
    values: readonly unknown[] = [],
  ): Promise<R[]> {
    for (let attempt = 1; ; attempt++) {
      try {
        return (await pools.get(database)?.query<R & pg.QueryResultRow>(text, [...values]))?.rows ?? [];
      } catch (error) {
        if (attempt === 600 || !isOutage(error)) throw error;
        await systemClock.sleep(50);
      }
    }
  }

  const address = (name: ProcessName): string => `unix:${join(folder, 'run', `${name}.sock`)}`;
  // Whoever does not know of versions calls the first one; see versions.ts.
  const endpoints = Object.fromEntries(
    processNames.toReversed().flatMap((name) => [serviceOf(name), name].map((known) => [known, address(name)])),
  );
  const keysPort = await listeningPort(new Set());
  const gatewayPort = await listeningPort(new Set([keysPort]));
  const { PATH } = processEnvironment();
  const services = new Map<ProcessName, RunningService>();
  const shop: Shop = {
    services,
    gateway: `http://127.0.0.1:${gatewayPort}`,
    folder,
    address,
    query,
    hurry: true,
    async killPostgres(which) {
      if (which === 'postmaster') {
        process.kill(postgres.pid, 'SIGKILL');
        return;
      }
      const rows = await query<{ pid: number }>(
        'order',
        "select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()",
      );
      if (rows[0] !== undefined) process.kill(rows[0].pid, 'SIGKILL');
    },
    async plant(name, bug) {
      const service = services.get(name);
      if (service === undefined) return;
      service.bug = bug;
      const { pid } = service;
      service.kill();
      while (service.pid === pid) await systemClock.sleep(10);
      await service.serving();
    },
    async serving() {
      await back;
      await Promise.all([...services.values()].map((service) => service.serving()));
    },
    async close(keep = false) {
      stopping = true;
      await Promise.all([...services.values()].map((service) => service.stop()));
      await Promise.all([...pools.values()].map((pool) => pool.end()));
      await back.catch(() => {});
      await postgres.stop();
      if (!keep) rmSync(folder, { recursive: true, force: true });
    },
  };

  /** Lets what a dead process had taken for itself run out at once: sagas after five seconds, seats in rooms after twenty. */
  async function forgetLeases(name: ProcessName): Promise<void> {
    if (!shop.hurry) return;
    if (name === 'realtime') await query(name, "update presences set seen_at = seen_at - interval '20 seconds'");
    if (name !== 'order' && name !== 'notification') return;
    await query(name, 'update fairlead.saga set lease_until = now() where owner is not null and finished_at is null');
  }

  for (const name of processNames) {
    const logFile = join(folder, 'logs', `${name}.log`);
    const service = new RunningService({
      name,
      endpoints,
      logFile,
      env: {
        PATH,
        LOG_LEVEL: 'warn',
        NODE_COMPILE_CACHE: join(tmpdir(), 'fairlead-histories-cache'),
        SERVICE_VERSION: versionOf(name),
        FAIRLEAD_LISTEN: address(name),
        // Everybody reads there with which keys accounts' tokens are signed.
        FAIRLEAD_ADMIN_LISTEN:
          name === 'user' ? `127.0.0.1:${keysPort}` : `unix:${join(folder, 'run', `${name}.admin`)}`,
        FAIRLEAD_JWKS_URI: `http://127.0.0.1:${keysPort}/.well-known/jwks.json`,
        FAIRLEAD_TRANSPORT: transportUnderTest,
        GATEWAY_LISTEN: `127.0.0.1:${gatewayPort}`,
        MAIL_FOLDER: join(folder, 'mail'),
        DATABASE_URL: databases.get(serviceOf(name)),
        EVENT_LOG_URL: url('events'),
        ...settings[name],
      },
      async onEnd(how) {
        options.onNews({ who: name, what: 'ended', how });
        if (stopping) return;
        await back;
        await forgetLeases(name);
      },
    });
    services.set(name, service);
    await service.serving();
  }
  return shop;
}

/** A commit is with the operating system before it is acknowledged: what no kill of a process loses. Disks are not waited for. */
async function commitForSure(server: string, names: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  for (const name of names) {
    await client.query(`alter database ${client.escapeIdentifier(name)} set synchronous_commit = on`);
  }
  await client.end();
}

function isOutage(error: unknown): boolean {
  const { code = '' } = error as { readonly code?: string };
  return /^(ECONN|EPIPE|57P0|08|53300)/.test(code) || /terminat|timeout|closed|ended/i.test(String(error));
}
