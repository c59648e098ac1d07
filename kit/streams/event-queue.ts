// What waits to be sent to one caller, with a bound: whoever reads too slowly must not fill the memory of the service.
// One reader; everything that was pushed before the end is still read.

/** A bounded queue between those who push and one reader. */
export class EventQueue<T> implements AsyncIterable<T> {
  readonly #limit: number;
  readonly #overflowed: () => void;
  #waiting: T[] = [];
  #ended = false;
  #failure: unknown;
  #wake: (() => void) | undefined;

  /** @param overflowed called once, when one event more than `limit` waits; the queue is empty and at its end then */
  constructor(limit: number, overflowed: () => void) {
    this.#limit = limit;
    this.#overflowed = overflowed;
  }

  /** Adds an event, unless the queue is at its end. */
  push(event: T): void {
    if (this.#ended) return;
    if (this.#waiting.length >= this.#limit) {
      this.#waiting = [];
      this.end();
      this.#overflowed();
      return;
    }
    this.#waiting.push(event);
    this.#wake?.();
  }

  /** Ends the queue; with an error, the reader gets it after the events that wait. */
  end(failure?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = failure;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    for (;;) {
      const event = this.#waiting.shift();
      if (event !== undefined) yield event;
      else if (this.#failure !== undefined) throw this.#failure;
      else if (this.#ended) return;
      else await this.#next();
    }
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
