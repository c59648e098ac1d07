// Puts load on something that can be called: as fast as `concurrency` allows, or at a fixed rate.
// At a fixed rate a call's time runs from when it was due, not from when it was sent: waiting in line is part of the answer.
import { systemClock } from '../clock/system-clock.ts';
import { type Duration, milliseconds } from '../duration.ts';
import { RpcError } from '../errors/rpc-error.ts';

/** Options of {@link loadTest}. */
export interface LoadTestOptions {
  /** One call; `n` counts from 0. A rejection counts as an error. */
  readonly call: (n: number) => Promise<unknown>;
  /** Calls under way at one time. @default 16 */
  readonly concurrency?: number;
  /** How long to go on. */
  readonly duration: Duration;
  /** Calls a second that are due. @default - as many as there can be */
  readonly rate?: number;
  /** Ends it early. @default - never */
  readonly signal?: AbortSignal;
}

/** What came of it. Times in milliseconds, of calls that succeeded. */
export interface LoadTestResult {
  readonly calls: number;
  readonly errors: number;
  /** Number of errors by canonical code, `UNKNOWN` for what is no RpcError. */
  readonly errorsByCode: Readonly<Record<string, number>>;
  /** Seconds from the first call to the end of the last. */
  readonly seconds: number;
  /** Calls a second that succeeded. */
  readonly achievedRate: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** The value below which the share of sorted values lies (nearest rank). */
function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

/** Runs the load and measures it. */
export async function loadTest(options: LoadTestOptions): Promise<LoadTestResult> {
  const { call, concurrency = 16, rate, signal } = options;
  const length = milliseconds(options.duration);
  const times: number[] = [];
  const errorsByCode: Record<string, number> = {};
  const start = performance.now();
  let sent = 0;

  async function one(n: number, due: number): Promise<void> {
    try {
      await call(n);
      times.push(performance.now() - due);
    } catch (error) {
      const code = RpcError.is(error) ? error.code : 'UNKNOWN';
      errorsByCode[code] = (errorsByCode[code] ?? 0) + 1;
    }
  }

  async function worker(): Promise<void> {
    while (!signal?.aborted) {
      const n = sent;
      // Counted from the start: added to a clock's time and taken off again, 200 ms may become a little less.
      const after = rate === undefined ? performance.now() - start : (n * 1000) / rate;
      if (after >= length) return;
      const due = start + after;
      sent++;
      const early = due - performance.now();
      if (early > 0) await systemClock.sleep(early);
      await one(n, due);
    }
  }

  await Promise.all(Array.from({ length: concurrency }, worker));
  const seconds = (performance.now() - start) / 1000;
  times.sort((a, b) => a - b);
  return {
    calls: sent,
    errors: sent - times.length,
    errorsByCode,
    seconds,
    achievedRate: times.length / seconds,
    p50: percentile(times, 0.5),
    p95: percentile(times, 0.95),
    p99: percentile(times, 0.99),
    max: times.at(-1) ?? 0,
  };
}
