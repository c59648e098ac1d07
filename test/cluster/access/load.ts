// A constant stream of requests that goes on while something is done to the platform, and counts what failed.
// Open loop: the next request starts on time whether or not the last was answered, so an outage cannot hide.

/** What the stream came to. */
export interface LoadResult {
  readonly sent: number;
  readonly failed: number;
  /** The first failures, for people. */
  readonly examples: readonly string[];
}

/** A running stream. */
export interface Load {
  /** Requests sent so far. */
  readonly sent: () => number;
  /** Stops sending, waits for what is in flight and gives the count. */
  readonly stop: () => Promise<LoadResult>;
}

/**
 * Starts `call` so many times a second; a rejection counts as a failed call.
 *
 * @param perSecond rate, at most a few hundred
 */
export function startLoad(perSecond: number, call: () => Promise<void>): Load {
  let sent = 0;
  let failed = 0;
  const examples: string[] = [];
  const open = new Set<Promise<void>>();
  const started = performance.now();
  const tick = (): void => {
    const due = Math.floor(((performance.now() - started) / 1000) * perSecond);
    while (sent < due) {
      sent++;
      const one: Promise<void> = call()
        .catch((error: unknown) => {
          failed++;
          if (examples.length < 5) examples.push(error instanceof Error ? error.message : String(error));
        })
        .finally(() => open.delete(one));
      open.add(one);
    }
  };
  const timer = setInterval(tick, 10);
  return {
    sent: () => sent,
    stop: async () => {
      clearInterval(timer);
      await Promise.all(open);
      return { sent, failed, examples };
    },
  };
}
