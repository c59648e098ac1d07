// The event log in PostgreSQL: one connection a process for appending, reading, locks and notifications.
// Connects on its own and again when the connection breaks, so that a service starts and serves while the log is away.
import { fileURLToPath } from 'node:url';
import type { Clock } from '../../clock/clock.ts';
import type { Logger } from '../../context.ts';
import { migrate } from '../../database/migrate.ts';
import { RpcError } from '../../errors/rpc-error.ts';
import type { EventLog, GroupStatus, LogRecord, ParkedEvent, SubscribeOptions, Subscription } from '../event-log.ts';
import { partitionOf, topicOf } from '../topic.ts';
import { GroupMember } from './group-member.ts';
import { LogSession } from './log-session.ts';

/** Options of {@link PostgresEventLog}. */
export interface PostgresEventLogOptions {
  /** `postgres://user:password@host:port/events` */
  readonly url: string;
  /** Name of the process for `pg_stat_activity`. */
  readonly name: string;
  readonly log: Logger;
  readonly clock: Clock;
  /** How long events are kept, in milliseconds; a rebuilt read model knows nothing older. @default - for ever */
  readonly retentionMs?: number;
}

interface Subscriber {
  readonly options: SubscribeOptions;
  readonly stopping: AbortController;
}

const migrations = fileURLToPath(new URL('./migrations', import.meta.url));
const longestWaitMs = 2_000;

/** See the head of the file. */
export class PostgresEventLog implements EventLog {
  readonly #options: PostgresEventLogOptions;
  readonly #closing = new AbortController();
  readonly #running: Promise<unknown>;
  readonly #members = new Set<Promise<void>>();
  #session: Promise<LogSession>;
  #provide: (session: LogSession) => void = () => {};
  #live: LogSession | undefined;

  constructor(options: PostgresEventLogOptions) {
    this.#options = options;
    this.#session = new Promise((resolve) => (this.#provide = resolve));
    this.#running = Promise.all([this.#keepConnected(), this.#forget()]);
  }

  async append(records: readonly LogRecord[]): Promise<void> {
    await this.#connected().query('select event_log.append($1, $2, $3, $4, $5, $6, $7)', [
      records.map((record) => record.id),
      records.map((record) => topicOf(record.type)),
      records.map((record) => partitionOf(record.key)),
      records.map((record) => record.type),
      records.map((record) => record.key),
      records.map((record) => record.payload),
      records.map((record) => record.occurredAt),
    ]);
  }

  subscribe(options: SubscribeOptions): Subscription {
    const subscriber: Subscriber = { options, stopping: new AbortController() };
    const running = this.#takePart(subscriber);
    this.#members.add(running);
    return {
      stop: async () => {
        subscriber.stopping.abort();
        await running;
        this.#members.delete(running);
      },
    };
  }

  async parked(group: string): Promise<readonly ParkedEvent[]> {
    const session = await this.#session;
    const rows = await session.query<
      Record<'id' | 'type' | 'key' | 'error', string> & { attempts: number; parked_at: Date }
    >(
      `select e.id, e.type, e.key, p.error, p.attempts, p.parked_at
       from event_log.parked_event p join event_log.event e on e.id = p.event_id
       where p.group_name = $1 and not p.released order by p.parked_at`,
      [group],
    );
    return rows.map(({ parked_at, ...event }) => ({ ...event, parkedAt: parked_at }));
  }

  async unpark(group: string, ids?: readonly string[]): Promise<number> {
    const session = await this.#session;
    const rows = await session.query(
      `update event_log.parked_event set released = true
       where group_name = $1 and ($2::uuid[] is null or event_id = any($2)) and not released returning 1`,
      [group, ids ?? null],
    );
    await session.query('select pg_notify($1, $2)', ['event_log', `group/${group}`]);
    return rows.length;
  }

  async rebuild(group: string): Promise<number> {
    const session = await this.#session;
    const [known] = await session.query<{ rebuildable: boolean }>(
      'select rebuildable from event_log.consumer_group where name = $1',
      [group],
    );
    if (known === undefined) throw new RpcError('NOT_FOUND', `no consumer group '${group}' has read the event log yet`);
    if (!known.rebuildable) {
      throw new RpcError(
        'FAILED_PRECONDITION',
        `'${group}' has no read model to rebuild: its handlers act on the world`,
      );
    }
    // One statement, one transaction: no consumer sees the new start with the old generation.
    const [row] = await session.query<{ generation: number }>(
      `with reset as (update event_log.consumer set position = 0, starts = 0 where group_name = $1),
       forget as (delete from event_log.parked_event where group_name = $1)
       update event_log.consumer_group set generation = generation + 1 where name = $1 returning generation`,
      [group],
    );
    await session.query('select pg_notify($1, $2)', ['event_log', `group/${group}`]);
    return row?.generation ?? 0;
  }

  async status(): Promise<readonly GroupStatus[]> {
    const session = await this.#session;
    return session.query<GroupStatus & Record<string, unknown>>(
      `select g.name as group, g.generation,
         (select coalesce(sum(greatest(h.next_position - 1 - c.position, 0)), 0)::bigint
          from event_log.consumer c join event_log.head h using (topic, partition) where c.group_name = g.name) as lag,
         (select count(*) from event_log.parked_event p where p.group_name = g.name) as parked
       from event_log.consumer_group g order by g.name`,
    );
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#members);
    await this.#live?.close();
    await this.#running;
  }

  #connected(): LogSession {
    if (this.#live === undefined) throw new RpcError('UNAVAILABLE', 'the event log cannot be reached');
    return this.#live;
  }

  async #keepConnected(): Promise<void> {
    const { url, name, log, clock } = this.#options;
    let migrated = false;
    for (let wait = 100; !this.#closing.signal.aborted; wait = Math.min(wait * 2, longestWaitMs)) {
      try {
        if (!migrated) await migrate(url, [{ scope: 'event-log', folder: migrations }], log);
        migrated = true;
        const session = await LogSession.open(url, name);
        // Closed while it connected: nobody would end this session.
        if (this.#closing.signal.aborted) return await session.close();
        wait = 100;
        this.#live = session;
        this.#provide(session);
        if (!session.lost.aborted)
          await new Promise((gone) => session.lost.addEventListener('abort', gone, { once: true }));
        this.#live = undefined;
        this.#session = new Promise((resolve) => (this.#provide = resolve));
        if (!this.#closing.signal.aborted) log.warn('connection to the event log lost');
      } catch (error) {
        log.warn('event log is not there', { error });
        await clock.sleep(wait, this.#closing.signal).catch(() => {});
      }
    }
  }

  /** Removes what is older than the retention, once an hour. */
  async #forget(): Promise<void> {
    const { retentionMs, clock, log } = this.#options;
    while (retentionMs !== undefined && !this.#closing.signal.aborted) {
      try {
        await this.#live?.query("delete from event_log.event where appended_at < now() - $1 * interval '1 ms'", [
          retentionMs,
        ]);
      } catch (error) {
        log.warn('old events were not removed, it is tried again in an hour', { error });
      }
      await clock.sleep(3_600_000 * (0.75 + Math.random() / 2), this.#closing.signal).catch(() => {});
    }
  }

  /** Takes part in the group on one connection after the other. */
  async #takePart({ options, stopping }: Subscriber): Promise<void> {
    const { clock, log } = this.#options;
    const over = AbortSignal.any([stopping.signal, this.#closing.signal]);
    const ended = new Promise<undefined>((resolve) => {
      if (over.aborted) resolve(undefined);
      over.addEventListener('abort', () => resolve(undefined), { once: true });
    });
    while (!over.aborted) {
      const session = await Promise.race([this.#session, ended]);
      if (session === undefined) return;
      const member = new GroupMember({ ...options, session, clock, log });
      const stop = (): void => member.stop();
      over.addEventListener('abort', stop, { once: true });
      await member.run().catch((error) => {
        if (!over.aborted) log.warn('consumer group is joined again', { group: options.group, error });
      });
      over.removeEventListener('abort', stop);
      await clock.sleep(50, over).catch(() => {});
    }
  }
}
