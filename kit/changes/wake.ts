// A bell with one waiter: rings that nobody waited for are remembered as one.
// Ends with its signal, so that a waiter never outlives the call that it serves.

/** Rung by many, awaited by one. */
export class Wake {
  readonly #signal: AbortSignal;
  #rung = false;
  #waiting: (() => void) | undefined;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  ring(): void {
    this.#rung = true;
    this.#waiting?.();
  }

  /** True after a ring, at once when it came before; false when the signal is aborted. */
  async next(): Promise<boolean> {
    if (!this.#rung && !this.#signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting = resolve;
      this.#signal.addEventListener('abort', this.#waiting, { once: true });
      await promise;
      this.#signal.removeEventListener('abort', this.#waiting);
      this.#waiting = undefined;
    }
    this.#rung = false;
    return !this.#signal.aborted;
  }
}
