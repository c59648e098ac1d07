// Bounds how much expensive work runs at once: hashing, rendering, whatever takes memory and a processor for a while.
// The rest waits in line; whoever gives up leaves the line, and a line that is too long turns newcomers away.
import { RpcError } from '../errors/rpc-error.ts';

/** Options of {@link Turnstile}. */
export interface TurnstileOptions {
  /** Works that run at the same time. */
  readonly atOnce: number;
  /** Works that may wait in line. */
  readonly waiting: number;
}

/** A line in front of expensive work. */
export class Turnstile {
  readonly #atOnce: number;
  readonly #waiting: number;
  readonly #line = new Set<() => void>();
  #running = 0;

  constructor({ atOnce, waiting }: TurnstileOptions) {
    this.#atOnce = atOnce;
    this.#waiting = waiting;
  }

  /**
   * Runs `work` when its turn comes.
   *
   * @throws RpcError RESOURCE_EXHAUSTED when the line is full; the signal's reason when the caller gave up in line
   */
  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    if (this.#running >= this.#atOnce) await this.#turn(signal);
    else this.#running++;
    try {
      return await work();
    } finally {
      const [next] = this.#line;
      if (next === undefined) this.#running--;
      else next();
    }
  }

  #turn(signal: AbortSignal): Promise<void> {
    if (this.#line.size >= this.#waiting) {
      throw new RpcError('RESOURCE_EXHAUSTED', 'too much of this at once; try again in a moment', {
        reason: 'LINE_FULL',
        retryDelayMs: 5_000,
      });
    }
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#line.delete(enter);
        reject(signal.reason);
      };
      // The place of the one that ended is taken over, so the count of running ones stays.
      const enter = (): void => {
        this.#line.delete(enter);
        signal.removeEventListener('abort', leave);
        resolve();
      };
      if (signal.aborted) return reject(signal.reason);
      signal.addEventListener('abort', leave, { once: true });
      this.#line.add(enter);
    });
  }
}
