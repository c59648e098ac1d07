// Calls a second, latency and CPU a call, contenders interleaved round by round, each round with fresh processes.

import { type Contender, Processes } from './processes.ts';

export interface PairOptions {
  readonly seconds: number;
  readonly rounds: number;
  readonly concurrency: number;
  readonly contenders: readonly Contender[];
}

interface Result {
  readonly callsPerSecond: number;
  readonly failed: number;
  readonly p50: number;
  readonly p99: number;
  /** Microseconds of CPU a call. */
  readonly cpu: { readonly client: number; readonly mesh: number; readonly server: number };
}

const DIRECT: Contender = { name: 'transport, direct', library: 'transport', mesh: 'none' };
const MESH: Contender = { name: 'transport, through the mesh', library: 'transport', mesh: 'linked' };
const WIRE: Contender = { name: 'transport, every octet encrypted', library: 'transport', mesh: 'wire' };
const BARE: Contender = { name: 'bare grpc-js, direct', library: 'grpc-js', mesh: 'none' };
const BARE_MESH: Contender = { name: 'bare grpc-js, through the mesh', library: 'grpc-js', mesh: 'linked' };
const HTTP: Contender = { name: 'HTTP/1.1, direct', library: 'node:http', mesh: 'none' };
const EDGE: Contender = { name: 'HTTP/1.1, through the ingress gateway', library: 'node:http', mesh: 'edge' };
/** Compared ones stand side by side, so that what the machine does besides falls on both. */
export const CONTENDERS: readonly Contender[] = [DIRECT, MESH, WIRE, BARE, BARE_MESH, HTTP, EDGE];

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((left, right) => left - right)[Math.floor(numbers.length / 2)] ?? Number.NaN;

async function measure(contender: Contender, { concurrency, seconds }: PairOptions): Promise<Result> {
  const processes = await Processes.start(contender, concurrency, seconds);
  try {
    const { mesh, server } = processes;
    const cpu = async (): Promise<number[]> => {
      const used = [await processes.usage(mesh), await processes.usage(server)];
      return used.map((each) => (each === undefined ? 0 : each.cpu.user + each.cpu.system));
    };
    const before = await cpu();
    const load = await processes.load();
    const after = await cpu();
    const spent = after.map((each, index) => (each - (before[index] ?? 0)) / load.calls);
    return {
      callsPerSecond: (load.calls * 1000) / load.elapsedMs,
      failed: load.failed,
      p50: load.p50,
      p99: load.p99,
      cpu: {
        client: (load.cpu.user + load.cpu.system) / load.calls,
        mesh: spent[0] ?? 0,
        server: spent[1] ?? 0,
      },
    };
  } finally {
    await processes.end();
  }
}

function row(name: string, results: readonly Result[]): string {
  const of = (value: (result: Result) => number, digits: number): string => median(results.map(value)).toFixed(digits);
  const spent = [of(({ cpu }) => cpu.client, 1), of(({ cpu }) => cpu.mesh, 1), of(({ cpu }) => cpu.server, 1)].join(
    ' + ',
  );
  const failed = results.reduce((sum, each) => sum + each.failed, 0);
  const cells = [of((each) => each.callsPerSecond, 0), of((each) => each.p50, 2), of((each) => each.p99, 2), spent];
  return `| ${[name, ...cells, failed].join(' | ')} |`;
}

/** What is compared, and the least that it should be. */
const RATIOS: readonly { readonly over: Contender; readonly under: Contender; readonly goal?: number }[] = [
  { over: MESH, under: BARE, goal: 1 },
  { over: MESH, under: DIRECT, goal: 0.4 },
  { over: BARE_MESH, under: BARE },
  { over: WIRE, under: DIRECT },
  { over: EDGE, under: HTTP },
];

/** The table and its ratios as lines of Markdown. */
export async function comparePairs(options: PairOptions): Promise<string[]> {
  const { contenders } = options;
  const results = new Map<Contender, Result[]>(contenders.map((each) => [each, []]));
  for (let round = 0; round < options.rounds; round++)
    for (const contender of contenders) {
      process.stderr.write(`round ${round + 1} of ${options.rounds}: ${contender.name}\n`);
      results.get(contender)?.push(await measure(contender, options));
    }
  const ratios = RATIOS.filter(({ over, under }) => results.has(over) && results.has(under)).map((each) => {
    const { over, under, goal } = each;
    const pairs = (results.get(over) ?? []).map(
      (result, index) => result.callsPerSecond / (results.get(under)?.[index]?.callsPerSecond ?? Number.NaN),
    );
    const middle = median(pairs);
    const spread = `${middle.toFixed(2)} (${Math.min(...pairs).toFixed(2)} to ${Math.max(...pairs).toFixed(2)})`;
    const verdict = goal === undefined ? '' : `; the goal is ${goal.toFixed(2)}: ${middle >= goal ? 'met' : 'missed'}`;
    return `- ${over.name}, to ${under.name}: ${spread}${verdict}`;
  });
  return [
    '| | calls/s | p50 ms | p99 ms | CPU µs a call: client + mesh + server | failed |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...contenders.map((each) => row(each.name, results.get(each) ?? [])),
    '',
    'Ratios of calls/s, medians over rounds, with the smallest and the largest:',
    '',
    ...ratios,
  ];
}
