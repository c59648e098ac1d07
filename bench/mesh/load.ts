// Unary calls, so many at once for so long, and what they took. Knows no library: how a call is made is given.

export const PATH = '/bench.v1.Echo/Unary';
export const BODY: Buffer = Buffer.alloc(100, 7);
const WARM_UP_CALLS = 30_000;
const MOST_WARM_UP_MS = 8000;

/** Makes a call and tells whether it went well. */
export type Call = (done: (ok: boolean) => void) => void;

/** What calls took. Latencies in milliseconds, of every eighth call. */
export interface Load {
  readonly calls: number;
  readonly failed: number;
  readonly elapsedMs: number;
  readonly p50: number;
  readonly p99: number;
}

let serial = 0;

/** A trace and a request id of its own for every call, as calls have them: no table of header fields can know them. */
export function nextIds(): { traceparent: string; requestId: string } {
  const id = (++serial).toString(16).padStart(12, '0');
  return {
    traceparent: `00-4bf92f3577b34da6a3ce${id}-00f0${id}-00`,
    requestId: `0190163d-8694-739b-aea5-${id}`,
  };
}

export function run(call: Call, durationMs: number, atOnce: number): Promise<Load> {
  return new Promise((resolve) => {
    const start = performance.now();
    const latencies: number[] = [];
    let calls = 0;
    let failed = 0;
    let open = atOnce;
    const end = (): void => {
      latencies.sort((left, right) => left - right);
      const at = (share: number): number =>
        latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
      resolve({ calls, failed, elapsedMs: performance.now() - start, p50: at(0.5), p99: at(0.99) });
    };
    const next = (): void => {
      const begun = performance.now();
      if (begun - start >= durationMs) {
        if (--open === 0) end();
        return;
      }
      call((ok) => {
        calls++;
        if (!ok) failed++;
        if ((calls & 7) === 0) latencies.push(performance.now() - begun);
        next();
      });
    };
    for (let index = 0; index < atOnce; index++) next();
  });
}

/** Until every process on the way has compiled what it runs: on a busy machine that is a matter of calls, not of time. */
export async function warmUp(call: Call, atOnce: number): Promise<void> {
  const since = performance.now();
  for (let calls = 0, ms = 0; ms < 1500 || (calls < WARM_UP_CALLS && ms < MOST_WARM_UP_MS); ) {
    calls += (await run(call, 500, atOnce)).calls;
    ms = performance.now() - since;
  }
}
