// Carries events from the outbox to the log: at once after a commit, and every two seconds for what a dead process left.
// At least once: the log leaves out ids that it knows, so that a repeat does no harm.
import { Wake } from '../changes/wake.ts';
import type { Clock } from '../clock/clock.ts';
import type { Logger } from '../context.ts';
import type { ServiceDatabase } from '../database/open-database.ts';
import type { EventLog, LogRecord } from './event-log.ts';
import { drainOutbox } from './outbox.ts';

/** Options of {@link Relay}. */
export interface RelayOptions {
  readonly database: Pick<ServiceDatabase<unknown>, 'transaction'>;
  readonly eventLog: Pick<EventLog, 'append'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onRelayed: (records: readonly LogRecord[]) => void;
}

const batchSize = 200;
const pollMs = 2_000;
const longestBackoffMs = 5_000;

/** See the head of the file. */
export class Relay {
  readonly #options: RelayOptions;
  readonly #stopping = new AbortController();
  readonly #wake = new Wake(this.#stopping.signal);
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = Promise.all([this.#run(), this.#poll()]);
    this.wake();
  }

  /** There may be events. */
  wake(): void {
    this.#wake.ring();
  }

  /** Relays what is there, and ends. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await this.#drain().catch((error) => {
      this.#options.log.warn('events stay in the outbox until the next start', { error });
    });
  }

  async #poll(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await this.#options.clock.sleep(pollMs, this.#stopping.signal).catch(() => {});
      this.wake();
    }
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#options;
    let failures = 0;
    while (await this.#wake.next()) {
      try {
        await this.#drain();
        failures = 0;
      } catch (error) {
        failures++;
        // Both ends say for themselves when they are gone; the first failure is often the start of the log's connection.
        if (failures > 3) log.warn('events wait in the outbox', { failures, error });
        const wait = Math.min(50 * 2 ** failures, longestBackoffMs);
        await clock.sleep(wait, this.#stopping.signal).catch(() => {});
        this.wake();
      }
    }
  }

  async #drain(): Promise<void> {
    const { database, eventLog, onRelayed } = this.#options;
    for (;;) {
      const records = await database.transaction((transaction) =>
        drainOutbox(transaction, (batch) => eventLog.append(batch), batchSize),
      );
      if (records.length > 0) onRelayed(records);
      if (records.length < batchSize) return;
    }
  }
}
