// The clock of a running process. The only place that asks the machine for the time of day.
import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from './clock.ts';

/** Reads the machine's clock. */
export const systemClock: Clock = {
  now: () => new Date(),
  async sleep(ms, signal) {
    signal?.throwIfAborted();
    try {
      await wait(ms, undefined, { ref: true, ...(signal === undefined ? {} : { signal }) });
    } catch (error) {
      // Node rejects with its own AbortError; callers are promised the signal's reason.
      signal?.throwIfAborted();
      throw error;
    }
  },
};
