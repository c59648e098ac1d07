// Joins look-ups of single things, from any number of calls, into one call of a Batch method.
// A batch leaves when it is full or when its first key has waited long enough; a key that is asked for twice is sent once.
import { after } from '../clock/timers.ts';
import { type Duration, milliseconds } from '../duration.ts';

/** Options of {@link RequestBatcher}. */
export interface BatcherOptions<K, V> {
  /**
   * Looks many keys up. It serves several calls at once, so that it uses the application's clients, not those of one call.
   * Keys that are not in its answer were not found. When it fails, every look-up of the batch fails with its error.
   */
  readonly load: (keys: readonly K[]) => Promise<ReadonlyMap<K, V>>;
  /** Keys in one batch at most. @default 100 */
  readonly maxSize?: number;
  /** How long the first key of a batch waits for others. @default '50ms' */
  readonly maxDelay?: Duration;
}

interface Batch<K, V> {
  readonly waiting: Map<K, PromiseWithResolvers<V | undefined>>;
  readonly timer: NodeJS.Timeout;
}

/** Looks keys up in batches. Keys are compared as those of a Map are. */
export class RequestBatcher<K extends string | number, V> {
  readonly #load: BatcherOptions<K, V>['load'];
  readonly #maxSize: number;
  readonly #maxDelayMs: number;
  #batch: Batch<K, V> | undefined;

  constructor({ load, maxSize = 100, maxDelay = '50ms' }: BatcherOptions<K, V>) {
    if (!Number.isInteger(maxSize) || maxSize < 1) throw new RangeError(`maxSize is ${maxSize}; it must be 1 or more`);
    this.#load = load;
    this.#maxSize = maxSize;
    this.#maxDelayMs = milliseconds(maxDelay);
  }

  /** The value of a key; undefined when there is none. */
  get(key: K): Promise<V | undefined> {
    this.#batch ??= { waiting: new Map(), timer: after(this.#maxDelayMs, () => this.#send(), undefined) };
    const { waiting } = this.#batch;
    let waiter = waiting.get(key);
    if (waiter === undefined) {
      waiter = Promise.withResolvers();
      waiting.set(key, waiter);
      if (waiting.size >= this.#maxSize) this.#send();
    }
    return waiter.promise;
  }

  #send(): void {
    const batch = this.#batch;
    if (batch === undefined) return;
    this.#batch = undefined;
    clearTimeout(batch.timer);
    void this.#run(batch.waiting);
  }

  async #run(waiting: Batch<K, V>['waiting']): Promise<void> {
    try {
      const values = await this.#load([...waiting.keys()]);
      for (const [key, waiter] of waiting) waiter.resolve(values.get(key));
    } catch (error) {
      for (const waiter of waiting.values()) waiter.reject(error);
    }
  }
}
