// A service's own PostgreSQL database: migrated, typed by Kysely, watched, with transactions that try again where that helps.
// Transactions are READ COMMITTED, PostgreSQL's default: guard invariants with row locks, conditional updates and constraints.
import { fileURLToPath } from 'node:url';
import { CamelCasePlugin, Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import Cursor from 'pg-cursor';
import type { Clock } from '../clock/clock.ts';
import type { Logger } from '../context.ts';
import { collectHooks } from './commit-hooks.ts';
import { createConnectionPool } from './connection-pool.ts';
import { isSerializationFailure, isUnreachable } from './database-error.ts';
import { type HealthListener, HealthProbe } from './health-probe.ts';
import { keepHouse } from './housekeeping.ts';
import { migrate } from './migrate.ts';

/** Options of {@link openDatabase}. */
export interface OpenDatabaseOptions {
  /** `postgres://user:password@host:port/database` */
  readonly url: string;
  readonly service: string;
  /** Folder of the service's numbered `.sql` files. Undefined: only the kit's own tables are made. */
  readonly migrations: string | undefined;
  readonly log: Logger;
  readonly clock: Clock;
  /** Largest number of connections of this process. @default 5 */
  readonly poolSize?: number;
  /** How long to wait for a server that is not there yet, in milliseconds. @default 150000, less than a pod may take to start */
  readonly patienceMs?: number;
}

/** A service's database. */
export interface ServiceDatabase<T> {
  readonly kysely: Kysely<T>;
  /** Runs `work` in a transaction; a serialization failure or deadlock runs it again (5 times at most). */
  transaction<R>(work: (transaction: Transaction<T>) => Promise<R>): Promise<R>;
  /** False while the server does not answer. */
  healthy(): boolean;
  /** Calls the listener at every change of {@link healthy}; returns how to end that. */
  onHealth(listener: HealthListener): () => void;
  close(): Promise<void>;
}

const kitMigrations = fileURLToPath(new URL('./migrations', import.meta.url));
const attempts = 5;

/** The address without its password, for messages. */
function shown(url: string): string {
  try {
    const { hostname, port, pathname } = new URL(url);
    return `${hostname}:${port || 5432}${pathname}`;
  } catch {
    return 'an address that is no URL (expected postgres://user:password@host:5432/name)';
  }
}

async function migrateWhenThere(options: OpenDatabaseOptions): Promise<void> {
  const { url, migrations, log, clock, patienceMs = 150_000 } = options;
  const sets = [{ scope: 'kit', folder: kitMigrations }];
  if (migrations !== undefined) sets.push({ scope: 'service', folder: migrations });
  const giveUp = clock.now().getTime() + patienceMs;
  for (let wait = 100; ; wait = Math.min(wait * 2, 2_000)) {
    try {
      return await migrate(url, sets, log);
    } catch (cause) {
      if (!isUnreachable(cause)) throw cause;
      if (clock.now().getTime() + wait > giveUp) {
        throw new Error(`no PostgreSQL answers at ${shown(url)}; check DATABASE_URL and that the server runs`, {
          cause,
        });
      }
      log.warn('database is not there yet', { database: shown(url) });
      await clock.sleep(wait);
    }
  }
}

/**
 * Waits for the server, applies the migrations and opens the pool.
 *
 * @throws Error when no server answers in time, or a migration is refused or fails
 */
export async function openDatabase<T>(options: OpenDatabaseOptions): Promise<ServiceDatabase<T>> {
  const { clock, log } = options;
  await migrateWhenThere(options);
  const pool = createConnectionPool({
    url: options.url,
    name: options.service,
    ...(options.poolSize === undefined ? {} : { size: options.poolSize }),
    onLost: () => probe.suspect(),
  });
  // Rows are named like messages. What is inside of a JSON column is a value, not columns.
  const plugins = [new CamelCasePlugin({ maintainNestedObjectKeys: true })];
  const kysely = new Kysely<T>({ dialect: new PostgresDialect({ pool, cursor: Cursor }), plugins });
  const probe = new HealthProbe({ ask: () => sql`select 1`.execute(kysely), busy: () => pool.busy(), clock, log });
  probe.start();
  const closing = new AbortController();
  const house = keepHouse(kysely as Kysely<unknown>, clock, log, closing.signal);
  return {
    kysely,
    healthy: () => probe.healthy,
    onHealth: (listener) => probe.listen(listener),
    async transaction(work) {
      for (let attempt = 1; ; attempt++) {
        let committed = (): void => {};
        try {
          const result = await kysely.transaction().execute(async (transaction) => {
            committed = collectHooks(transaction);
            return await work(transaction);
          });
          committed();
          return result;
        } catch (error) {
          if (attempt === attempts || !isSerializationFailure(error)) throw error;
          await clock.sleep(Math.random() * 10 * 2 ** attempt);
        }
      }
    },
    async close() {
      closing.abort();
      await Promise.all([probe.stop(), house]);
      await kysely.destroy();
    },
  };
}
