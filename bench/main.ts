// `npm run bench`: what the kit and its transport do against their peers, in one interleaved run, into docs/benchmarks.md.
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Plan } from './harness/compare.ts';
import { replaceSection, section } from './harness/document.ts';
import { callsTable, type Measured, measureCalls, readCallsTable } from './tables/calls.ts';
import { claimsTable } from './tables/claims.ts';
import { clusterTable } from './tables/cluster-tax.ts';
import { goalScenarios, goalsTable } from './tables/goals.ts';
import { meshTable } from './tables/mesh-tax.ts';
import { payloadsTable } from './tables/payloads.ts';
import { scenarios } from './tables/scenarios.ts';
import { startUpTable } from './tables/start-up.ts';
import { measureUpdates } from './tables/updates.ts';

const page = fileURLToPath(new URL('../docs/benchmarks.md', import.meta.url));
const tables = [...scenarios.map(({ id }) => id), 'payloads', 'claims', 'goals', 'mesh', 'cluster', 'start-up'];
/** What is below this share of the last table's ratio is slower: identical pairs differ by 12 % on a shared machine. */
const slower = 0.85;

const help = `usage: npm run bench -- [options]

Measures, and writes the tables that were measured into docs/benchmarks.md. A whole run takes about 35 minutes.
Contenders: npm run bench:install (npm packages below bench/peers, and the Go peer where Go is installed).
The table of a cluster needs kubectl, a cluster with Istio in KUBECONFIG, and an image of a service there
(FAIRLEAD_BENCH_IMAGE, default fairlead/payment:dev).

options
  --only A,B     only these tables: ${tables.join(', ')}
  --rounds N     rounds, each a fresh pair of processes of every contender (default: 3)
  --seconds N    measured time of a pair in a round (default: 1.5)
  --warm N       calls before that, in seconds (default: 3)
  --check        write nothing: compare with the last tables, name what got slower, and end with 1 if anything did
  --help         this text
`;

/** A wrong command line; the message is meant for the person. */
class UsageError extends Error {}

function options() {
  try {
    return readOptions();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '1.5' },
      warm: { type: 'string', default: '3' },
      check: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const number = (name: 'rounds' | 'seconds' | 'warm'): number => {
    const value = Number(values[name]);
    if (!(value > 0)) throw new UsageError(`--${name} takes a number above 0, not '${values[name]}'`);
    return value;
  };
  const only = (values.only ?? []).flatMap((names) => names.split(','));
  const unknown = only.filter((name) => !tables.includes(name));
  if (unknown.length > 0)
    throw new UsageError(`no table is called ${unknown.join(', ')}; there are ${tables.join(', ')}`);
  return { ...values, only, rounds: number('rounds'), seconds: number('seconds'), warm: number('warm') };
}

const started = performance.now();
const tell = (line: string): void => {
  const elapsed = Math.round((performance.now() - started) / 1000);
  process.stderr.write(`[${String(Math.floor(elapsed / 60))}:${String(elapsed % 60).padStart(2, '0')}] ${line}\n`);
};

/** What got slower since the last table, one line each. */
function compareWithLast({ scenario, rows }: Measured): string[] {
  const last = readCallsTable(section(page, scenario.id) ?? '');
  if (last.size === 0) return [`${scenario.id}: no earlier table to compare with`];
  return rows.flatMap(({ name, throughput, cpu }) => {
    const before = last.get(name);
    if (before === undefined) return [];
    // Both must say so, and the best round too: throughput alone is what another process on the machine changes first.
    const worse = throughput.max < before.throughput * slower && cpu.median < before.cpu * slower;
    return worse
      ? [
          `${scenario.id}, ${name}: ${throughput.median.toFixed(2)} of grpc-js, was ${before.throughput.toFixed(2)}; ` +
            `CPU ${cpu.median.toFixed(2)}, was ${before.cpu.toFixed(2)}`,
        ]
      : [];
  });
}

async function main(): Promise<number> {
  const { only, rounds, seconds, warm, check, help: asked } = options();
  if (asked) {
    console.log(help);
    return 0;
  }
  const wanted = (name: string): boolean => only.length === 0 || only.includes(name);
  const plan: Plan = { rounds, measureMs: seconds * 1000, warmMs: warm * 1000, tell };
  const words = process.argv.slice(2).join(' ');
  const head = [
    `${new Date().toISOString().slice(0, 10)}, \`npm run bench${words === '' ? '' : ` -- ${words}`}\``,
    `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}`,
    `load of the machine before it began: ${loadavg()[0]?.toFixed(1)}`,
  ].join('; ');
  const write = (name: string, table: string): void => {
    console.log(`\n${name}\n\n${table}`);
    if (!check) replaceSection(page, name, `${head}\n\n${table}`);
  };
  const measured = new Map<string, Measured>();
  const measure = async (id: string): Promise<Measured> => {
    const known = measured.get(id);
    if (known !== undefined) return known;
    const scenario = scenarios.find((each) => each.id === id);
    if (scenario === undefined) throw new Error(`there is no scenario ${id}`);
    const result = await measureCalls(scenario, { ...plan, tell: (line) => tell(`${id}, ${line}`) });
    measured.set(id, result);
    return result;
  };

  const news: string[] = [];
  for (const { id } of scenarios) {
    if (!wanted(id)) continue;
    const result = await measure(id);
    if (check) news.push(...compareWithLast(result));
    write(id, callsTable(result));
  }
  if (wanted('payloads')) write('payloads', payloadsTable());
  if (check) {
    console.log(`\n${news.length === 0 ? 'nothing got slower' : news.join('\n')}`);
    return news.some((line) => line.includes(', was ')) ? 1 : 0;
  }
  if (wanted('claims')) write('claims', await claimsTable(measure, () => measureUpdates(plan)));
  if (wanted('goals')) {
    for (const id of goalScenarios) await measure(id);
    write('goals', goalsTable(measured));
  }
  if (wanted('mesh')) write('mesh', await meshTable(plan));
  if (wanted('cluster')) {
    const table = await clusterTable(plan);
    if (table !== undefined) write('cluster', table);
  }
  if (wanted('start-up')) write('start-up', await startUpTable(plan));
  tell(`done; the tables are in ${page}`);
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n\n${help}`);
  process.exitCode = 64;
}
