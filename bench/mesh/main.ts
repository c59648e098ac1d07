// `npm run bench:mesh`: what the laptop mesh costs, in pairs, or with `--minutes` what it holds over time.

import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { watchMemory } from './memory.ts';
import { CONTENDERS, comparePairs } from './pairs.ts';

const HELP = `npm run bench:mesh -- [options]

Compares calls through the laptop mesh with direct ones: calls/s, p50 and p99, CPU a call.
  --seconds N      a run of one contender (5)
  --rounds N       fresh processes each (3)
  --concurrency N  calls at once (32)
  --only TEXT      only those with this in their name, such as HTTP/1.1; not with --write
  --minutes N      watches the mesh's memory under load for so long instead; exits with 1 when it grows
  --write          puts the result into docs/mesh-testing.md, between its markers
`;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    concurrency: { type: 'string', default: '32' },
    only: { type: 'string' },
    minutes: { type: 'string' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

function positive(option: 'seconds' | 'rounds' | 'concurrency' | 'minutes'): number {
  const value = Number(values[option]);
  if (value > 0 && Number.isFinite(value)) return value;
  console.error(`bench:mesh: --${option} takes a number above 0, not ${JSON.stringify(values[option])}`);
  process.exit(2);
}

/** Figures in the docs are written by the bench, between its markers. */
async function writeInto(name: string, lines: readonly string[]): Promise<void> {
  const page = fileURLToPath(new URL('../../docs/mesh-testing.md', import.meta.url));
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const text = await readFile(page, 'utf8');
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${page} has no markers ${start} and ${end} for the result`);
  await writeFile(page, `${text.slice(0, from)}${start}\n${lines.join('\n')}\n${text.slice(to)}`);
}

async function main(): Promise<void> {
  if (values.help) {
    console.log(HELP);
    return;
  }
  const { only } = values;
  const contenders = CONTENDERS.filter(({ name }) => name.includes(only ?? ''));
  if (contenders.length === 0) {
    console.error(`bench:mesh: none has '${only}' in its name: ${CONTENDERS.map(({ name }) => name).join('; ')}`);
    process.exit(2);
  }
  if (only !== undefined && values.write) {
    console.error('bench:mesh: --write wants the whole table; leave --only out');
    process.exit(2);
  }
  const concurrency = positive('concurrency');
  const machine = `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}`;
  const today = new Date().toISOString().slice(0, 10);
  if (values.minutes === undefined) {
    const [seconds, rounds] = [positive('seconds'), positive('rounds')];
    const command = `npm run bench:mesh -- --seconds ${seconds} --rounds ${rounds} --concurrency ${concurrency}${only === undefined ? '' : ` --only ${only}`}`;
    const head = `${today}, \`${command}\`: unary calls of 100 octets, medians of rounds; ${machine}.`;
    const lines = [head, '', ...(await comparePairs({ seconds, rounds, concurrency, contenders }))];
    console.log(lines.join('\n'));
    if (values.write) await writeInto('bench:mesh', lines);
    return;
  }
  const minutes = positive('minutes');
  const head = `${today}, \`npm run bench:mesh -- --minutes ${minutes}\`: the mesh's process, ${concurrency} calls at once; ${machine}.`;
  const { flat, lines } = await watchMemory({ minutes, concurrency });
  console.log([head, '', ...lines].join('\n'));
  if (values.write) await writeInto('bench:mesh-memory', [head, '', ...lines]);
  if (!flat) process.exitCode = 1;
}

await main();
