// Interleaved rounds of several contenders, and what they come to: medians of ratios within a round, never absolutes.
// Each contender gets several process pairs, because two runs of one program differ by 12 % on a shared machine.
import { type Contender, Pair, type Round, type Shape } from './contender.ts';

/** How long and how often. */
export interface Plan {
  readonly shape: Shape;
  readonly concurrency: number;
  /** Process pairs of each contender. @default 3 */
  readonly pairs?: number;
  /** Measured rounds of each pair. @default 3 */
  readonly rounds?: number;
  /** Length of a round in milliseconds. @default 1000 */
  readonly roundMs?: number;
}

/** Median with the smallest and the largest value. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** One line of a table. */
export interface Row {
  readonly name: string;
  /** Throughput over the baseline's in the same round. */
  readonly ratio: Spread;
  readonly callsPerSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly clientCpuUs: number;
  readonly serverCpuUs: number;
  /** Share of one core that the client used: near 1 means that the client was the limit. */
  readonly clientLoad: number;
  readonly serverLoad: number;
  readonly failures: number;
}

/** Median, minimum and maximum; throws on an empty list. */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const [min, median, max] = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  if (min === undefined || median === undefined || max === undefined) throw new Error('no rounds were measured');
  return { median, min, max };
}

/**
 * Measures all contenders in turn, round by round. The first is the baseline.
 *
 * @param tell is told of progress
 */
export async function compare(
  contenders: readonly Contender[],
  plan: Plan,
  tell: (line: string) => void,
): Promise<Row[]> {
  const { pairs = 3, rounds = 3, roundMs = 1000 } = plan;
  const measured = new Map<string, Round[]>(contenders.map((each) => [each.name, []]));
  const ratios = new Map<string, number[]>(contenders.map((each) => [each.name, []]));
  for (let set = 0; set < pairs; set++) {
    tell(`${plan.shape}, concurrency ${plan.concurrency}: processes ${set + 1} of ${pairs}`);
    const started: Pair[] = [];
    try {
      for (const contender of contenders) started.push(await Pair.start(contender, plan.shape, plan.concurrency));
      for (const pair of started) await pair.round(roundMs);
      for (let index = 0; index < rounds; index++) {
        let baseline: number | undefined;
        for (const pair of started) {
          const round = await pair.round(roundMs);
          const rate = round.calls / round.seconds;
          baseline ??= rate;
          measured.get(pair.contender.name)?.push(round);
          ratios.get(pair.contender.name)?.push(rate / baseline);
        }
      }
    } finally {
      await Promise.all(started.map((pair) => pair.close()));
    }
  }
  return contenders.map(({ name }) => {
    const all = measured.get(name) ?? [];
    const median = (of: (round: Round) => number): number => spread(all.map(of)).median;
    return {
      name,
      ratio: spread(ratios.get(name) ?? []),
      callsPerSecond: median((round) => round.calls / round.seconds),
      p50Us: median((round) => round.p50),
      p99Us: median((round) => round.p99),
      clientCpuUs: median((round) => round.clientCpu / Math.max(1, round.calls)),
      serverCpuUs: median((round) => round.serverCpu / Math.max(1, round.calls)),
      clientLoad: median((round) => round.clientCpu / 1e6 / round.seconds),
      serverLoad: median((round) => round.serverCpu / 1e6 / round.seconds),
      failures: all.reduce((sum, round) => sum + round.failures, 0),
    };
  });
}
