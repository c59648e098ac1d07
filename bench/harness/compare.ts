// Interleaved rounds of several contenders, and what they come to: medians of ratios within a round, never absolutes alone.
// A round is a fresh pair of processes of each contender, because two runs of one program differ by 12 % on a shared machine.
import { type Contender, Pair, type Round, type Shape } from './pair.ts';

/** What is called, by how many callers at once. */
export interface Load {
  readonly shape: Shape;
  readonly concurrency: number;
  /** What one call counts for: messages of a stream. */
  readonly weight: number;
}

/** How long and how often. */
export interface Plan {
  readonly rounds: number;
  /** Measured time of a pair in a round, in milliseconds. */
  readonly measureMs: number;
  /** Calls before that, so that code is compiled and connections are open, in milliseconds. */
  readonly warmMs: number;
  /** Told of progress. */
  readonly tell: (line: string) => void;
}

/** Median with the smallest and the largest value. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** One contender's figures under one load. Ratios are to the baseline in the same round. */
export interface Row {
  readonly name: string;
  readonly throughput: Spread;
  /** How many times less CPU time a call takes, client and server together. */
  readonly cpu: Spread;
  /** Calls, or messages of streams. */
  readonly perSecond: number;
  readonly clientCpuUs: number;
  readonly serverCpuUs: number;
  readonly p50Us: number;
  readonly p99Us: number;
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

async function measure(contender: Contender, { shape, concurrency }: Load, plan: Plan): Promise<Round> {
  const pair = await Pair.start(contender, shape, concurrency);
  try {
    await pair.round(plan.warmMs);
    return await pair.round(plan.measureMs);
  } finally {
    await pair.close();
  }
}

/** Measures all contenders in turn, round by round. The first is the baseline. */
export async function compare(contenders: readonly Contender[], load: Load, plan: Plan): Promise<Row[]> {
  const measured = new Map<string, Round[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < plan.rounds; round++) {
    // Each round begins with another one, so that none always follows the same.
    for (const index of contenders.keys()) {
      const contender = contenders[(index + round) % contenders.length];
      if (contender === undefined) continue;
      plan.tell(`round ${round + 1} of ${plan.rounds}: ${contender.name}`);
      measured.get(contender.name)?.push(await measure(contender, load, plan));
    }
  }
  const base = measured.get(contenders[0]?.name ?? '') ?? [];
  return contenders.map(({ name }) => rowOf(name, measured.get(name) ?? [], base, load.weight));
}

const rate = ({ calls, seconds }: Round): number => calls / seconds;
const cpu = ({ clientCpu, serverCpu, calls }: Round): number => (clientCpu + serverCpu) / Math.max(1, calls);

function rowOf(name: string, rounds: readonly Round[], base: readonly Round[], weight: number): Row {
  const median = (of: (round: Round) => number): number => spread(rounds.map(of)).median;
  const ratios = (of: (round: Round, base: Round) => number): Spread =>
    spread(rounds.flatMap((round, index) => (base[index] === undefined ? [] : [of(round, base[index])])));
  return {
    name,
    throughput: ratios((own, other) => rate(own) / rate(other)),
    cpu: ratios((own, other) => cpu(other) / cpu(own)),
    perSecond: median(rate) * weight,
    clientCpuUs: median((round) => round.clientCpu / Math.max(1, round.calls) / weight),
    serverCpuUs: median((round) => round.serverCpu / Math.max(1, round.calls) / weight),
    p50Us: median((round) => round.p50),
    p99Us: median((round) => round.p99),
    clientLoad: median((round) => round.clientCpu / 1e6 / round.seconds),
    serverLoad: median((round) => round.serverCpu / 1e6 / round.seconds),
    failures: rounds.reduce((sum, round) => sum + round.failures, 0),
  };
}
