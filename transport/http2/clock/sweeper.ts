// One coarse timer for all connections of the process: they look at their own clocks when it ticks.
// It runs only while something is watched and never keeps the process alive.

/** Milliseconds between two sweeps, the precision of every limit that is a duration. */
export const SWEEP_INTERVAL = 100;

export interface Swept {
  /** @param now milliseconds of `performance.now()` */
  sweep(now: number): void;
}

class Sweeper {
  /** Time of the last sweep, in milliseconds of `performance.now()`: cheap and good to `SWEEP_INTERVAL`. */
  now = performance.now();
  readonly #watched = new Set<Swept>();
  #timer: NodeJS.Timeout | undefined;

  watch(item: Swept): void {
    this.#watched.add(item);
    if (this.#timer !== undefined) return;
    this.now = performance.now();
    this.#timer = setInterval(() => this.#tick(), SWEEP_INTERVAL);
    this.#timer.unref();
  }

  forget(item: Swept): void {
    this.#watched.delete(item);
    if (this.#watched.size > 0 || this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    this.now = performance.now();
    for (const item of this.#watched) item.sweep(this.now);
  }
}

export const sweeper = new Sweeper();
