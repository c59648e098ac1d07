// Table 1: calls a second, CPU a call and latency of every contender, as Markdown, and read back for `--check`.
import { contenders, type KnownContender } from '../contenders.ts';
import { makeCertificate } from '../harness/certificate.ts';
import { startCollector } from '../harness/collector.ts';
import { compare, type Plan, type Row, type Spread } from '../harness/compare.ts';
import type { Scenario } from './scenarios.ts';

/** Rows of a scenario, and the contenders that could not take part. */
export interface Measured {
  readonly scenario: Scenario;
  readonly rows: readonly Row[];
  readonly absent: readonly KnownContender[];
}

/** Measures one scenario with those contenders that are installed. */
export async function measureCalls(scenario: Scenario, plan: Plan): Promise<Measured> {
  const collector = await startCollector();
  const certificate = scenario.tls ? makeCertificate() : undefined;
  try {
    const known = contenders(collector.url);
    const wanted = scenario.contenders.flatMap((name) => known.get(name) ?? []);
    const absent = wanted.filter((contender) => contender.missing !== undefined);
    const present = wanted
      .filter((contender) => contender.missing === undefined)
      .map((contender) => ({ ...contender, env: { ...contender.env, ...certificate?.env } }));
    if (present[0]?.name !== scenario.contenders[0]) {
      throw new Error(`the baseline ${scenario.contenders[0]} is ${absent[0]?.missing ?? 'unknown'}`);
    }
    const rows = await compare(present, scenario, plan);
    const kept = rows.some(({ name }) => name === 'kit') ? (await collector.received()).octets : 0;
    plan.tell(`spans sent while measuring: ${Math.round(kept / 1024)} KiB`);
    return { scenario, rows, absent };
  } finally {
    collector.stop();
    certificate?.remove();
  }
}

const digits = (value: number): string => value.toFixed(value < 10 ? 2 : 1);
const ratio = ({ median, min, max }: Spread): string => `${digits(median)} (${digits(min)}–${digits(max)})`;
const percent = (share: number): string => `${Math.round(share * 100)} %`;
const milliseconds = (us: number): string => (us / 1000).toFixed(2);

const head = [
  'contender',
  'throughput, ratio (min–max)',
  'CPU, ratio (min–max)',
  'per second',
  'CPU µs: client + server',
  'p50 ms',
  'p99 ms',
  'client, server busy',
  'failed',
];

/** A table as Markdown. */
export function callsTable({ rows, absent }: Measured): string {
  const lines = rows.map((row) =>
    [
      row.name,
      ratio(row.throughput),
      ratio(row.cpu),
      Math.round(row.perSecond).toLocaleString('en'),
      `${digits(row.clientCpuUs)} + ${digits(row.serverCpuUs)}`,
      milliseconds(row.p50Us),
      milliseconds(row.p99Us),
      `${percent(row.clientLoad)}, ${percent(row.serverLoad)}`,
      String(row.failures),
    ].join(' | '),
  );
  const missing = absent.map(({ name, missing: why }) => `- ${name}: ${why}`);
  return [
    `| ${head.join(' | ')} |`,
    `|${head.map((_, index) => (index === 0 ? '---' : '---:')).join('|')}|`,
    ...lines.map((line) => `| ${line} |`),
    ...(missing.length === 0 ? [] : ['', 'Not measured:', '', ...missing]),
  ].join('\n');
}

/** Ratios of throughput and CPU by contender, as an earlier table has them. */
export function readCallsTable(
  text: string,
): ReadonlyMap<string, { readonly throughput: number; readonly cpu: number }> {
  const cells = text.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
  const found = cells.flatMap(([, name, throughput, cpu]) => {
    const [first, second] = [Number.parseFloat(throughput ?? ''), Number.parseFloat(cpu ?? '')];
    if (name === undefined || Number.isNaN(first) || Number.isNaN(second)) return [];
    return [[name, { throughput: first, cpu: second }] as const];
  });
  return new Map(found);
}
