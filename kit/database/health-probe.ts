// Knows whether the database answers: told at once of broken connections, and asking once in a while on its own.
// A pool whose connections all work is not asked: it is busy, which is not the same as gone.
import type { Clock } from '../clock/clock.ts';
import type { Logger } from '../context.ts';

/** Called with the new state when it changed. */
export type HealthListener = (healthy: boolean) => void;

/** Options of {@link HealthProbe}. */
export interface HealthProbeOptions {
  /** Asks the database; rejects when it does not answer. */
  readonly ask: () => Promise<unknown>;
  readonly busy: () => boolean;
  readonly clock: Clock;
  readonly log: Logger;
}

const calmIntervalMs = 2_000;
const anxiousIntervalMs = 250;

/** Watches one database from its start to {@link HealthProbe.stop}. */
export class HealthProbe {
  readonly #options: HealthProbeOptions;
  readonly #listeners = new Set<HealthListener>();
  readonly #stopping = new AbortController();
  #wake = new AbortController();
  #healthy = true;
  #running: Promise<void> = Promise.resolve();

  constructor(options: HealthProbeOptions) {
    this.#options = options;
  }

  get healthy(): boolean {
    return this.#healthy;
  }

  /** Begins to watch. */
  start(): void {
    this.#running = this.#watch();
  }

  /** Calls the listener at every change; returns how to end that. */
  listen(listener: HealthListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Asks now: a connection broke. */
  suspect(): void {
    this.#wake.abort();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #watch(): Promise<void> {
    const { ask, busy, clock } = this.#options;
    while (!this.#stopping.signal.aborted) {
      const interval = this.#healthy ? calmIntervalMs : anxiousIntervalMs;
      await clock.sleep(interval, AbortSignal.any([this.#stopping.signal, this.#wake.signal])).catch(() => {});
      if (this.#stopping.signal.aborted) return;
      const suspected = this.#wake.signal.aborted;
      this.#wake = new AbortController();
      if (!suspected && this.#healthy && busy()) continue;
      await ask().then(
        () => this.#set(true),
        (error) => this.#set(false, error),
      );
      // While it is gone, every failed query suspects anew: asking in a closed loop would help nobody.
      if (!this.#healthy) this.#wake = new AbortController();
    }
  }

  #set(healthy: boolean, error?: unknown): void {
    if (this.#stopping.signal.aborted || healthy === this.#healthy) return;
    this.#healthy = healthy;
    if (healthy) this.#options.log.info('database answers again');
    else this.#options.log.error('database does not answer', { error });
    for (const listener of this.#listeners) listener(healthy);
  }
}
