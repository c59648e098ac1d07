// The pool under Kysely: few connections, bounds on time, errors that say what they mean.
// A connection that dies while it is lent out must not end the process: `pg` emits its error without a listener then.
import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import pg from 'pg';
import { columnTypes } from './column-types.ts';
import { isUnreachable, translateDatabaseError } from './database-error.ts';

/** Options of {@link createConnectionPool}. */
export interface ConnectionPoolOptions {
  readonly url: string;
  /** Shown in `pg_stat_activity`. */
  readonly name: string;
  /** Largest number of connections. @default 5 */
  readonly size?: number;
  /** Longest time that one statement may take, in milliseconds. @default 30000 */
  readonly statementTimeoutMs?: number;
  /** Called when a connection broke. */
  readonly onLost?: (error: unknown) => void;
}

/** A pool for Kysely that also tells whether connections are in use. */
export interface ConnectionPool extends PostgresPool {
  /** True when every connection is lent out. */
  busy(): boolean;
}

function translateCursor<R>(cursor: PostgresCursor<R>): PostgresCursor<R> {
  return {
    read: (count) => cursor.read(count).catch((error) => Promise.reject(translateDatabaseError(error))),
    close: () => cursor.close(),
  };
}

function wrap(client: pg.PoolClient, lost: (error: unknown) => void): PostgresPoolClient {
  client.on('error', lost);
  const inner = client as unknown as PostgresPoolClient;
  const query = (text: string | PostgresCursor<unknown>, parameters?: readonly unknown[]): unknown => {
    if (typeof text !== 'string') return translateCursor(inner.query(text));
    return inner.query(text, parameters ?? []).catch((error: unknown) => {
      if (isUnreachable(error)) lost(error);
      throw translateDatabaseError(error);
    });
  };
  return {
    // The client's backend process id is needed to cancel a query.
    get processID() {
      return inner.processID ?? 0;
    },
    query: query as {
      <R>(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>>;
      <R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
    },
    release: (destroy) => inner.release(destroy),
  };
}

/** Creates the pool; nothing connects until the first query. */
export function createConnectionPool(options: ConnectionPoolOptions): ConnectionPool {
  const pool = new pg.Pool({
    connectionString: options.url,
    application_name: options.name,
    max: options.size ?? 5,
    types: columnTypes,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: options.statementTimeoutMs ?? 30_000,
    idle_in_transaction_session_timeout: 60_000,
    keepAlive: true,
  });
  const lost = options.onLost ?? (() => {});
  pool.on('error', lost);
  const wrapped = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  return {
    options: pool.options,
    busy: () => pool.totalCount > 0 && pool.idleCount === 0,
    end: () => pool.end(),
    async connect() {
      try {
        const client = await pool.connect();
        const known = wrapped.get(client) ?? wrap(client, lost);
        wrapped.set(client, known);
        return known;
      } catch (error) {
        if (isUnreachable(error)) lost(error);
        throw translateDatabaseError(error);
      }
    },
  };
}
