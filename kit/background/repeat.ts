// Work that a service does on its own, again and again until it drains: expiring, moving on, sending what waits.
// An error ends one round, never the loop: it is logged, and the next round tries again.
import type { Application } from '../context.ts';
import { type Duration, milliseconds } from '../duration.ts';

/** What a loop needs of its application. */
export type BackgroundApplication = Pick<Application, 'clock' | 'log' | 'signal'>;

/** Options of {@link repeat}. */
export interface RepeatOptions {
  /** Names the work in log lines. */
  readonly name: string;
  /** Rest between two rounds. */
  readonly every: Duration;
}

/**
 * Runs `work` now and after every rest until the process drains. `work` answers true when it left something undone: the next
 * round follows at once then. Call it from the `start` hook without awaiting it.
 */
export async function repeat(
  application: BackgroundApplication,
  options: RepeatOptions,
  work: () => Promise<unknown>,
): Promise<void> {
  const { clock, log, signal } = application;
  const rest = milliseconds(options.every);
  while (!signal.aborted) {
    let more: unknown;
    try {
      more = await work();
    } catch (error) {
      if (!signal.aborted) log.error(`${options.name} failed; the next round tries again`, { error });
    }
    if (more !== true) await clock.sleep(rest, signal).catch(() => {});
  }
}
