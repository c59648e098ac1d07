// Work that a service does once, as soon as it can: tried again until it succeeds, because what it needs may start later.
import { type BackgroundApplication, type RepeatOptions, repeat } from './repeat.ts';

/** Runs `work` until it succeeds, or the process drains. Call it from the `start` hook without awaiting it. */
export async function onceItWorks(
  application: BackgroundApplication,
  options: RepeatOptions,
  work: () => Promise<void>,
): Promise<void> {
  const { clock, log, signal } = application;
  const done = new AbortController();
  await repeat({ clock, log, signal: AbortSignal.any([signal, done.signal]) }, options, async () => {
    await work();
    done.abort();
  });
}
