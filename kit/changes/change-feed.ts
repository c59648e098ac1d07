// Tells every replica of a service that something in its database changed: PostgreSQL's LISTEN/NOTIFY, one connection a process.
// A change is a hint without content, and several may arrive as one: whoever is told reads the rows anew.
import { type Kysely, sql } from 'kysely';
import pg from 'pg';
import type { Clock } from '../clock/clock.ts';
import type { Logger } from '../context.ts';
import { Wake } from './wake.ts';

/** Options of {@link ChangeFeed}. */
export interface ChangeFeedOptions {
  /** `postgres://user:password@host:port/database` of the service's own database. */
  readonly url: string;
  readonly service: string;
  readonly clock: Clock;
  readonly log: Logger;
}

const channel = 'fairlead_changes';
const firstWaitMs = 100;
const longestWaitMs = 2_000;

/** Tells all replicas, once the transaction commits, that what `topic` stands for has changed. */
export async function announceChange<T>(db: Kysely<T>, topic: string): Promise<void> {
  await sql`select pg_notify(${channel}, ${topic})`.execute(db);
}

/** Hears of changes for as long as somebody wants to; connects when the first one does. */
export class ChangeFeed {
  readonly #options: ChangeFeedOptions;
  readonly #topics = new Map<string, Set<Wake>>();
  readonly #closing = new AbortController();
  #client: pg.Client | undefined;
  #running: Promise<void> | undefined;
  #listening = false;

  constructor(options: ChangeFeedOptions) {
    this.#options = options;
  }

  /**
   * Yields once as soon as changes are heard, then after every change of `topic` (those that come while the reader is
   * busy are one), and after every lost connection, because changes may have been missed. Ends when `signal` is aborted.
   */
  async *changes(topic: string, signal: AbortSignal): AsyncGenerator<void, void, void> {
    const wake = new Wake(AbortSignal.any([signal, this.#closing.signal]));
    const readers = this.#topics.get(topic) ?? new Set();
    this.#topics.set(topic, readers.add(wake));
    this.#running ??= this.#listen();
    if (this.#listening) wake.ring();
    try {
      while (await wake.next()) yield;
    } finally {
      readers.delete(wake);
      if (readers.size === 0 && this.#topics.get(topic) === readers) this.#topics.delete(topic);
    }
  }

  /** Ends every reader and the connection. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#client?.end().catch(() => {});
    await this.#running;
  }

  async #listen(): Promise<void> {
    const { clock, log } = this.#options;
    let wait = firstWaitMs;
    while (!this.#closing.signal.aborted) {
      const lost = await this.#connection(() => {
        wait = firstWaitMs;
      });
      if (this.#closing.signal.aborted) return;
      log.warn('changes are not heard; trying again', { error: lost, waitMs: wait });
      await clock.sleep(wait, this.#closing.signal).catch(() => {});
      wait = Math.min(wait * 2, longestWaitMs);
    }
  }

  /** One connection from its opening to its loss. */
  async #connection(opened: () => void): Promise<unknown> {
    const client = new pg.Client({
      connectionString: this.#options.url,
      application_name: `${this.#options.service} changes`,
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
    });
    const lost = new Promise<unknown>((resolve) => {
      client.on('error', resolve);
      client.on('end', () => resolve(undefined));
    });
    this.#client = client;
    client.on('notification', ({ payload }) => {
      for (const wake of this.#topics.get(payload ?? '') ?? []) wake.ring();
    });
    try {
      await client.connect();
      await client.query(`listen ${channel}`);
      opened();
      this.#listening = true;
      for (const readers of this.#topics.values()) for (const wake of readers) wake.ring();
      return await lost;
    } catch (error) {
      return error;
    } finally {
      this.#listening = false;
      await client.end().catch(() => {});
    }
  }
}
