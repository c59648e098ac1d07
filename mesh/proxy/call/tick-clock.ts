// The time of this tick: all calls that came with one read share one look at the clock. Timers and durations are good to
// a tick, which is far below the deadline wheel's four milliseconds and the metrics' smallest bucket.

class TickClock {
  #now = 0;
  #fresh = false;
  readonly #expire = (): void => {
    this.#fresh = false;
  };

  /** Milliseconds of `performance.now()`. */
  now(): number {
    if (!this.#fresh) {
      this.#now = performance.now();
      this.#fresh = true;
      process.nextTick(this.#expire);
    }
    return this.#now;
  }
}

export const tickClock = new TickClock();
