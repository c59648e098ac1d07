// A clock that stands still until a test moves it. Sleepers wake in the order of their times, before `advance` resolves.
import type { Clock } from './clock.ts';

interface Sleeper {
  readonly wakesAt: number;
  readonly wake: () => void;
}

/** A clock for tests; starts at a fixed time so that nothing depends on today. */
export class ManualClock implements Clock {
  #time: number;
  readonly #sleepers = new Set<Sleeper>();

  constructor(start: Date = new Date('2030-01-01T00:00:00.000Z')) {
    this.#time = start.getTime();
  }

  /** How many callers wait; lets a test know that the code under test came to its sleep. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  now(): Date {
    return new Date(this.#time);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const abort = (): void => {
        this.#sleepers.delete(sleeper);
        reject(signal?.reason);
      };
      const sleeper: Sleeper = {
        wakesAt: this.#time + ms,
        wake: () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        },
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#sleepers.add(sleeper);
    });
  }

  /** Moves the time forward by `ms` milliseconds and wakes whoever sleeps no longer, also those who sleep anew meanwhile. */
  async advance(ms: number): Promise<void> {
    const target = this.#time + ms;
    for (;;) {
      const next = [...this.#sleepers]
        .filter(({ wakesAt }) => wakesAt <= target)
        .sort((a, b) => a.wakesAt - b.wakesAt)[0];
      if (next === undefined) break;
      this.#time = Math.max(this.#time, next.wakesAt);
      this.#sleepers.delete(next);
      next.wake();
      // What the woken code does up to its next sleep runs in microtasks.
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#time = target;
  }
}
