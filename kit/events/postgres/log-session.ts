// One connection to the log: queries in a row, notifications, and the locks that say which partitions its process holds.
// Locks live with the connection: the moment a process dies, PostgreSQL hands its partitions to the next one.
import pg from 'pg';
import { columnTypes } from '../../database/column-types.ts';
import { Turns } from '../turns.ts';

/** A row of a query. */
export type Row = Readonly<Record<string, unknown>>;

/** A living connection. When it breaks, everything that was based on it is void. */
export class LogSession {
  /** Aborted when the connection is gone. */
  readonly lost: AbortSignal;
  readonly #client: pg.Client;
  readonly #lost = new AbortController();
  readonly #oneAtATime = new Turns(1);
  readonly #listeners = new Set<(payload: string) => void>();

  private constructor(client: pg.Client) {
    this.#client = client;
    this.lost = this.#lost.signal;
    const end = (): void => this.#lost.abort(new Error('the connection to the event log was lost'));
    client.on('error', end);
    client.on('end', end);
    client.on('notification', ({ payload = '' }) => {
      for (const listener of this.#listeners) listener(payload);
    });
  }

  /** Connects; rejects when the server does not answer. */
  static async open(url: string, name: string): Promise<LogSession> {
    const client = new pg.Client({
      connectionString: url,
      application_name: `${name} events`,
      types: columnTypes,
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
      statement_timeout: 20_000,
      // A connection that is dead without a word shows in a query that never ends.
      query_timeout: 25_000,
    });
    const session = new LogSession(client);
    try {
      await client.connect();
      await client.query('listen event_log');
    } catch (error) {
      void client.end().catch(() => {});
      throw error;
    }
    return session;
  }

  /** Runs a statement after those that were asked for before it. */
  query<R extends Row = Row>(text: string, values: readonly unknown[] = []): Promise<readonly R[]> {
    return this.#oneAtATime.take(() => this.#query<R>(text, values));
  }

  async #query<R extends Row>(text: string, values: readonly unknown[]): Promise<readonly R[]> {
    this.lost.throwIfAborted();
    try {
      return (await this.#client.query<R>(text, [...values])).rows;
    } catch (error) {
      if (error instanceof Error && /Query read timeout/.test(error.message)) void this.close();
      throw error;
    }
  }

  /** Calls the listener with the payload of every notification; returns how to end that. */
  onNotify(listener: (payload: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    await this.#client.end().catch(() => {});
    this.#lost.abort(new Error('the connection to the event log was closed'));
  }
}
