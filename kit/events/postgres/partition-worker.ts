// Handles the events of one partition for one group, one after the other, for as long as its process holds the partition.
// The position is moved after a batch: a crash repeats at most that batch, and the consumer knows what it has handled.
import { Wake } from '../../changes/wake.ts';
import type { Clock } from '../../clock/clock.ts';
import type { Logger } from '../../context.ts';
import { type Delivery, StaleGenerationError, type SubscribeOptions } from '../event-log.ts';
import type { LogSession } from './log-session.ts';

/** What a worker is made of. */
export interface PartitionWorkerOptions extends SubscribeOptions {
  readonly session: LogSession;
  readonly topic: string;
  readonly partition: number;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Fetched extends Record<string, unknown> {
  readonly generation: number;
  readonly committed: number;
  readonly position: number | null;
  readonly id: string;
  readonly type: string;
  readonly key: string;
  readonly payload: Buffer;
  readonly occurred_at: Date;
}

const batchSize = 100;
/** After so many starts without progress, events are taken one at a time to find the one that ends the process. */
const carefulAfter = 2;
const longestBackoffMs = 10_000;

const fetchBatch = `
  select g.generation, c.position as committed, e.*
  from event_log.consumer c join event_log.consumer_group g on g.name = c.group_name
  left join lateral (
    select position, id, type, key, payload, occurred_at from event_log.event e
    where e.topic = c.topic and e.partition = c.partition and e.position > c.position
    order by position limit $4) e on true
  where c.group_name = $1 and c.topic = $2 and c.partition = $3`;

const fetchReleased = `
  select g.generation, 0 as committed, e.position, e.id, e.type, e.key, e.payload, e.occurred_at
  from event_log.parked_event p join event_log.event e on e.id = p.event_id
  join event_log.consumer_group g on g.name = p.group_name
  where p.group_name = $1 and p.topic = $2 and p.partition = $3 and p.released order by e.position`;

/** See the head of the file. */
export class PartitionWorker {
  readonly topic: string;
  readonly partition: number;
  readonly #options: PartitionWorkerOptions;
  readonly #stopping = new AbortController();
  readonly #wake: Wake;
  readonly #place: readonly [string, string, number];
  #released = true;
  /** Takes count of starts: from the start on until the position has moved, or, being careful, for each event. */
  #fresh = true;
  #careful = false;
  #running: Promise<void> = Promise.resolve();

  constructor(options: PartitionWorkerOptions) {
    this.#options = options;
    this.topic = options.topic;
    this.partition = options.partition;
    this.#place = [options.group, options.topic, options.partition];
    this.#wake = new Wake(AbortSignal.any([this.#stopping.signal, options.session.lost]));
  }

  /** Begins, with whatever is there. */
  start(): void {
    this.#running = this.#run();
    this.wake();
  }

  /** There are events to handle, parked ones to try again too when `released`. */
  wake(released = false): void {
    this.#released ||= released;
    this.#wake.ring();
  }

  /** Ends after the event that is being handled. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  get #ending(): boolean {
    return this.#stopping.signal.aborted || this.#options.session.lost.aborted;
  }

  async #run(): Promise<void> {
    const { clock, log, session } = this.#options;
    while (await this.#wake.next()) {
      try {
        if (this.#released) await this.#handleReleased();
        while (!this.#ending && (await this.#handleBatch()));
      } catch (error) {
        if (this.#ending) break;
        // A position that moved under us, or the log failing: start over from what it holds.
        if (!(error instanceof StaleGenerationError)) {
          log.warn('event consumer starts over', { topic: this.topic, partition: this.partition, error });
          await clock.sleep(500, AbortSignal.any([this.#stopping.signal, session.lost])).catch(() => {});
        }
        this.wake(true);
      }
    }
    if (session.lost.aborted) return;
    // An orderly end is no failed start.
    const settle = 'update event_log.consumer set starts = 0 where group_name = $1 and topic = $2 and partition = $3';
    await session.query(settle, this.#place).catch(() => {});
  }

  /** Handles the next events; false when there were none. */
  async #handleBatch(): Promise<boolean> {
    const { session, maxAttempts = 8 } = this.#options;
    const starts = this.#fresh ? await this.#countStart() : 0;
    this.#careful ||= starts > carefulAfter;
    const rows = await session.query<Fetched>(fetchBatch, [...this.#place, this.#careful ? 1 : batchSize]);
    const first = rows[0];
    if (first === undefined || first.position === null) {
      if (this.#fresh && first !== undefined) await this.#move(first.committed, first.committed);
      this.#fresh = false;
      this.#careful = false;
      return false;
    }
    let done = first.committed;
    try {
      if (starts > maxAttempts) {
        await this.#park(first, `the process ended ${starts - 1} times while it handled this event`, starts - 1);
        done = first.position;
      } else {
        for (const row of rows) {
          if (row.position === null || this.#ending) break;
          await this.#handle(row);
          done = row.position;
        }
      }
    } finally {
      if (done > first.committed && !session.lost.aborted) await this.#move(first.committed, done);
    }
    this.#fresh = this.#careful;
    return true;
  }

  async #countStart(): Promise<number> {
    const [row] = await this.#options.session.query<{ starts: number }>(
      'update event_log.consumer set starts = starts + 1 where group_name = $1 and topic = $2 and partition = $3 returning starts',
      this.#place,
    );
    return row?.starts ?? 0;
  }

  /** Moves the position, unless somebody else did. */
  async #move(from: number, to: number): Promise<void> {
    const moved = await this.#options.session.query(
      `update event_log.consumer set position = $5, starts = 0
       where group_name = $1 and topic = $2 and partition = $3 and position = $4 returning 1`,
      [...this.#place, from, to],
    );
    if (moved.length === 0) throw new StaleGenerationError('the position was moved by somebody else');
  }

  async #handleReleased(): Promise<void> {
    const rows = await this.#options.session.query<Fetched>(fetchReleased, this.#place);
    this.#released = false;
    for (const row of rows) {
      if (this.#ending) return;
      await this.#handle(row);
    }
    const handled = rows.map((row) => row.id);
    if (handled.length > 0) {
      // Parked anew means not released: those stay.
      await this.#options.session.query(
        'delete from event_log.parked_event where group_name = $1 and event_id = any($2) and released',
        [this.#options.group, handled],
      );
    }
  }

  async #handle(row: Fetched): Promise<void> {
    const { deliver, types, observer, isOutage, clock, log, maxAttempts = 8, firstBackoffMs = 100 } = this.#options;
    if (!types.includes(row.type)) return;
    const delivery: Delivery = {
      id: row.id,
      type: row.type,
      key: row.key,
      payload: row.payload,
      occurredAt: row.occurred_at,
      generation: row.generation,
    };
    for (let attempt = 1, wait = firstBackoffMs; ; wait = Math.min(wait * 2, longestBackoffMs)) {
      try {
        return observer.handled(row.type, await deliver(delivery));
      } catch (error) {
        if (error instanceof StaleGenerationError) throw error;
        observer.handled(row.type, 'retried');
        const outage = isOutage(error);
        if (!outage && attempt >= maxAttempts) return await this.#park(row, describe(error), attempt);
        log.warn('event handler failed, the event is delivered again', {
          eventId: row.id,
          type: row.type,
          attempt,
          error,
        });
        if (!outage) attempt++;
      }
      await clock.sleep(wait, AbortSignal.any([this.#stopping.signal, this.#options.session.lost]));
    }
  }

  async #park(row: Fetched, error: string, attempts: number): Promise<void> {
    const { group, session, observer, log } = this.#options;
    await session.query(
      `insert into event_log.parked_event (group_name, event_id, topic, partition, error, attempts)
       values ($1, $2, $3, $4, $5, $6)
       on conflict (group_name, event_id) do update
         set error = excluded.error, attempts = excluded.attempts, parked_at = now(), released = false`,
      [group, row.id, this.topic, this.partition, error, attempts],
    );
    observer.handled(row.type, 'parked');
    log.error('event parked; its group goes on without it', { eventId: row.id, type: row.type, attempts, error });
  }
}

function describe(error: unknown): string {
  return (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, 2_000);
}
