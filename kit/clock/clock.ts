// Time as a dependency: tests move it by hand. `Date.now` and `setTimeout` stay inside this folder.

/** Reads the time and waits. */
export interface Clock {
  /** Wall-clock time. */
  now(): Date;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when it is aborted before. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
