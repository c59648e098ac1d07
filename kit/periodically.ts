// Work that comes back: sweeping what has expired, looking again for what was not there yet.
// A round that fails is logged and the next one tries again, so that the work needs no error handling of its own.
import type { Application } from './context.ts';
import { type Duration, milliseconds } from './duration.ts';

/** Options of {@link periodically}. */
export interface PeriodicWork {
  /** What is done, for the log: `'sweep of expired reservations'`. */
  readonly name: string;
  /** Pause between the end of one round and the start of the next. */
  readonly every: Duration;
}

/**
 * Runs `work` at once and then again and again, one round at a time, until it answers `'done'` or the process drains.
 *
 * @returns a promise that resolves when there will be no further round; a start hook need not wait for it
 */
export async function periodically(
  application: Pick<Application, 'clock' | 'log' | 'signal'>,
  { name, every }: PeriodicWork,
  work: () => Promise<'done' | undefined>,
): Promise<void> {
  const { clock, log, signal } = application;
  while (!signal.aborted) {
    try {
      if ((await work()) === 'done') return;
    } catch (error) {
      // What is cut off by draining is no news.
      if (!signal.aborted) log.warn(`${name} failed, it is tried again`, { error, every });
    }
    await clock.sleep(milliseconds(every), signal).catch(() => {});
  }
}
