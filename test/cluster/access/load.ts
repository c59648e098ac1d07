// A constant stream of requests that goes on while something is done to the platform, and counts what failed.
// So many start each second whether or not the last was answered, up to a bound of open ones: an outage cannot hide, since
// whatever is open fails by its own time limit, and a machine at its limit is not buried under its own backlog.

/** What the stream came to. */
export interface LoadResult {
  readonly sent: number;
  readonly failed: number;
  /** The first failures, for people. */
  readonly examples: readonly string[];
  /** For people: `5003 requests, p50 9 ms, p99 88 ms, longest 410 ms`. */
  readonly text: string;
}

/** A running stream. */
export interface Load {
  /** Requests sent so far. */
  readonly sent: () => number;
  /** Stops sending, waits for what is in flight and gives the count. */
  readonly stop: () => Promise<LoadResult>;
}

const mostOpen = 24;

/**
 * Starts `call` so many times a second; a rejection counts as a failed call.
 *
 * @param perSecond rate, at most a few hundred
 */
export function startLoad(perSecond: number, call: () => Promise<void>): Load {
  let sent = 0;
  let failed = 0;
  let open = 0;
  const examples: string[] = [];
  const times: number[] = [];
  const idle = Promise.withResolvers<void>();
  let stopped = false;
  const pause = 1000 / perSecond;
  const started = performance.now();
  let due = started;
  const one = async (): Promise<void> => {
    const begun = performance.now();
    sent++;
    open++;
    try {
      await call();
    } catch (error) {
      failed++;
      const at = Math.round(begun - started);
      if (examples.length < 5) examples.push(`${at} ms: ${error instanceof Error ? error.message : String(error)}`);
    }
    times.push(performance.now() - begun);
    open--;
    if (stopped && open === 0) idle.resolve();
  };
  const tick = (): void => {
    const now = performance.now();
    for (; due <= now && open < mostOpen; due += pause) void one();
    // What could not start in its turn is left out, not made up for.
    if (due < now) due = now;
  };
  const timer = setInterval(tick, Math.min(10, pause));
  return {
    sent: () => sent,
    stop: async () => {
      clearInterval(timer);
      stopped = true;
      if (open > 0) await idle.promise;
      times.sort((a, b) => a - b);
      const at = (share: number): string => `${Math.round(times[Math.floor((times.length - 1) * share)] ?? 0)} ms`;
      return { sent, failed, examples, text: `${sent} requests, p50 ${at(0.5)}, p99 ${at(0.99)}, longest ${at(1)}` };
    },
  };
}
