// How old an update is when a client of a server stream has it. Both processes read the same machine's clock.
import { contenders } from '../contenders.ts';
import { startCollector } from '../harness/collector.ts';
import type { Plan } from '../harness/compare.ts';
import { Pair } from '../harness/pair.ts';

/** Ages of updates, in milliseconds. */
export interface Updates {
  readonly name: string;
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
}

const streams = 32;

/** Measures the kit on both transports. */
export async function measureUpdates(plan: Plan): Promise<readonly Updates[]> {
  const collector = await startCollector();
  const results: Updates[] = [];
  try {
    const known = contenders(collector.url);
    for (const name of ['kit', 'kit on grpc-js']) {
      const contender = known.get(name);
      if (contender === undefined) continue;
      plan.tell(`updates of streams: ${name}`);
      const pair = await Pair.start(contender, 'updates', streams);
      try {
        await pair.round(plan.warmMs);
        const { calls, p50, p99, longest } = await pair.round(plan.measureMs * plan.rounds);
        results.push({ name, count: calls, p50: p50 / 1000, p99: p99 / 1000, longest: longest / 1000 });
      } finally {
        await pair.close();
      }
    }
  } finally {
    collector.stop();
  }
  return results;
}
