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
import { startTestTokens, type TestTokens } from '#kit/testing/test-tokens.ts';
import { transportUnderTest } from '#kit/testing/transport-under-test.ts';
import { prepareDatabases } from '../../../../laptop/data/databases.ts';
import { RunningService } from './running-service.ts';

/** The services that take part, in the order of their start. */
export const serviceNames = [
  'catalog',
  'inventory',
  'payment',
  'shipping',
  'order',
  'order-query',
  'notification',
  'recommendation',
] as const;

/** Name of a service that takes part. */
export type ServiceName = (typeof serviceNames)[number];

/** A database of the shop: a service's, or the event log. */
export type DatabaseName = ServiceName | 'events';

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
  readonly services: ReadonlyMap<ServiceName, RunningService>;
  readonly tokens: TestTokens;
  /** Folder of logs and mails. */
  readonly folder: string;
  /** Address of a service's gRPC. */
  address(service: ServiceName): string;
  /** Asks a database; PostgreSQL that is just being started again is waited for. */
  query<R extends object>(database: DatabaseName, text: string, values?: readonly unknown[]): Promise<R[]>;
  /** kill -9 of PostgreSQL: its first process, or one that serves a connection, after which it restarts all by itself. */
  killPostgres(which: 'postmaster' | 'backend'): Promise<void>;
  /** Has a service start anew with a bug (planted/), or without one when the name is empty; and so after each kill. */
  plant(service: ServiceName, bug: string): Promise<void>;
  /** Resolves when everything serves. */
  serving(): Promise<void>;
  /** A killed process's sagas wait for its lease to run out, five seconds, unless this is called off. @default true */
  hurry: boolean;
  /** Kills all of it. @param keep leaves the folder, for whoever looks for what went wrong */
  close(keep?: boolean): Promise<void>;
}

const settings: Readonly<Partial<Record<ServiceName, Readonly<Record<string, string>>>>> = {
  catalog: { CATALOG_GENERATED_PRODUCTS: '60' },
  // Short enough that a run sees the end of a reservation whose answer was lost, long enough for an order that is held up.
  inventory: { INVENTORY_RESERVATION_LIFETIME: '60s', INVENTORY_SWEEP_INTERVAL: '1s' },
  payment: { SLOW_CARD_DELAY: '300ms', SERVICE_VERSION: 'v2' },
  shipping: { SHIPMENT_STEP: '120ms' },
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
    names: [...serviceNames, 'events'],
    password: (name) => `password of ${name}`,
  });
  await commitForSure(postgres.url(), [...databases.keys()]);
  const url = (name: DatabaseName): string => databases.get(name) ?? '';
  const pools = new Map<DatabaseName, pg.Pool>();
  for (const name of [...serviceNames, 'events'] as const) {
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

  const tokens = await startTestTokens(systemClock);
  const address = (name: ServiceName): string => `unix:${join(folder, 'run', `${name}.sock`)}`;
  const endpoints = Object.fromEntries(serviceNames.map((name) => [name, address(name)]));
  const { PATH } = processEnvironment();
  const services = new Map<ServiceName, RunningService>();
  const shop: Shop = {
    services,
    tokens,
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
      await tokens.stop();
      if (!keep) rmSync(folder, { recursive: true, force: true });
    },
  };

  /** Lets the dead process's leases run out, as five seconds of waiting would. */
  async function forgetLeases(name: ServiceName): Promise<void> {
    if (!shop.hurry || (name !== 'order' && name !== 'notification')) return;
    await query(name, 'update fairlead.saga set lease_until = now() where owner is not null and finished_at is null');
  }

  for (const name of serviceNames) {
    const logFile = join(folder, 'logs', `${name}.log`);
    const service = new RunningService({
      name,
      endpoints,
      logFile,
      env: {
        PATH,
        LOG_LEVEL: 'warn',
        NODE_COMPILE_CACHE: join(tmpdir(), 'fairlead-histories-cache'),
        FAIRLEAD_LISTEN: address(name),
        FAIRLEAD_ADMIN_LISTEN: `unix:${join(folder, 'run', `${name}.admin`)}`,
        FAIRLEAD_TRANSPORT: transportUnderTest,
        MAIL_FOLDER: join(folder, 'mail'),
        DATABASE_URL: url(name),
        EVENT_LOG_URL: url('events'),
        ...tokens.env,
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
