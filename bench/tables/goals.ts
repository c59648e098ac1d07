// What was set as a goal, and what this run measured. Ratios are medians; CPU stands beside throughput because it is what a
// machine with other work on it can tell.
import type { Row } from '../harness/compare.ts';
import type { Measured } from './calls.ts';

interface Goal {
  readonly goal: string;
  readonly scenario: string;
  /** What was measured, and whether that is enough; undefined where a row is missing. */
  readonly judge: (
    row: (name: string) => Row | undefined,
  ) => { readonly measured: string; readonly met: boolean } | undefined;
}

const times = (value: number): string => value.toFixed(2);

function atLeast(name: string, least: number): Goal['judge'] {
  return (row) => {
    const own = row(name);
    if (own === undefined) return undefined;
    const { throughput, cpu } = own;
    return { measured: `${times(throughput.median)}; CPU ${times(cpu.median)}`, met: throughput.median >= least };
  };
}

function ahead(name: string, others: readonly string[]): Goal['judge'] {
  return (row) => {
    const own = row(name);
    const known = others.flatMap((other) => row(other) ?? []);
    const best = known.sort((a, b) => b.perSecond - a.perSecond)[0];
    if (own === undefined || best === undefined) return undefined;
    const ratio = own.perSecond / best.perSecond;
    return { measured: `${times(ratio)} of ${best.name}`, met: ratio > 1 };
  };
}

const nodePeers = [
  'grpc-js',
  'NestJS gRPC',
  'connect-node',
  'node:http2 by hand',
  'Fastify + undici, JSON',
  'Express + axios, JSON',
];

const goals: readonly Goal[] = [
  { goal: 'transport at 12 times grpc-js', scenario: 'small-32', judge: atLeast('transport', 12) },
  { goal: 'transport ahead of Go to Go', scenario: 'small-32', judge: ahead('transport', ['Go']) },
  { goal: 'kit at 6 times grpc-js', scenario: 'small-32', judge: atLeast('kit', 6) },
  { goal: 'kit on grpc-js at 0.85 of grpc-js', scenario: 'small-32', judge: atLeast('kit on grpc-js', 0.85) },
  ...(
    [
      ['small-32', 'small unary'],
      ['large-32', 'large unary'],
      ['stream-8', 'server streams'],
    ] as const
  ).map(([scenario, name]) => ({
    goal: `kit ahead of every Node peer, ${name}`,
    scenario,
    judge: ahead('kit', nodePeers),
  })),
  { goal: 'server streams of the transport at 4 times grpc-js', scenario: 'stream-8', judge: atLeast('transport', 4) },
  { goal: 'server streams of the kit at 4 times grpc-js', scenario: 'stream-8', judge: atLeast('kit', 4) },
  ...['transport', 'kit'].map(
    (name): Goal => ({
      goal: `p99 of the ${name} below the p50 of grpc-js`,
      scenario: 'small-32',
      judge: (row) => {
        const [own, base] = [row(name), row('grpc-js')];
        if (own === undefined || base === undefined) return undefined;
        return {
          measured: `${times(own.p99Us / 1000)} ms, ${times(base.p50Us / 1000)} ms`,
          met: own.p99Us < base.p50Us,
        };
      },
    }),
  ),
];

/** Scenarios that goals are set for. */
export const goalScenarios: readonly string[] = [...new Set(goals.map(({ scenario }) => scenario))];

/** The goals whose scenarios were measured, as Markdown. */
export function goalsTable(measured: ReadonlyMap<string, Measured>): string {
  const lines = goals.flatMap(({ goal, scenario, judge }) => {
    const rows = measured.get(scenario)?.rows;
    const verdict = rows === undefined ? undefined : judge((name) => rows.find((row) => row.name === name));
    return verdict === undefined ? [] : [`| ${goal} | ${verdict.measured} | ${verdict.met ? 'yes' : '**no**'} |`];
  });
  return ['| goal | measured | met |', '|---|---|---|', ...lines].join('\n');
}
