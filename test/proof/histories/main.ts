// Order histories under kill -9 (docs/histories.md): `node test/proof/histories/main.ts --runs 200 --seed 1`.
// Seeds follow each other, processes stay up between histories. The first broken invariant ends the run.
import { parseArgs } from 'node:util';
import type { Outcome } from './run/run-history.ts';
import { openStage } from './run/stage.ts';

const help = `usage: node test/proof/histories/main.ts [options]    (npm run proof -- 'order histories' --runs N --seed S)

Orders under kill -9 of any service and of PostgreSQL. Each seed is one history: its orders, what is killed, and where.

  --runs N         histories, one a seed (default: 200)
  --seed S         first seed; a run that was ended goes on with the seed that it named last (default: 1)
  --minutes M      begins no further history after so many minutes (default: no limit)
  --history        print the history of each seed, JSON lines
  --help           this text
`;

function whole(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0) return value;
  console.error(`--${name} takes a whole number, not '${text}'`);
  process.exit(64);
}

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string' },
    history: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}
const runs = whole('runs', values.runs);
const first = whole('seed', values.seed);
const longestMs = values.minutes === undefined ? Number.POSITIVE_INFINITY : whole('minutes', values.minutes) * 60_000;

const stage = await openStage();
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());

const started = performance.now();
const seconds = (): number => Math.round((performance.now() - started) / 1_000);
const ends: Record<string, number> = {};
const charges: Record<string, number> = {};
let done = 0;
let kills = 0;
let orders = 0;
let broken: { readonly seed: number; readonly outcome: Outcome } | undefined;
let lastSaid = 0;
for (let seed = first; seed < first + runs; seed++) {
  if (stopping.signal.aborted || performance.now() - started > longestMs) break;
  const outcome = await stage.play(stage.plan(seed));
  done++;
  kills += outcome.kills;
  for (const [end, count] of Object.entries(outcome.ends)) {
    ends[end] = (ends[end] ?? 0) + count;
    orders += count;
  }
  for (const [version, count] of Object.entries(outcome.charges)) charges[version] = (charges[version] ?? 0) + count;
  if (values.history) console.log(outcome.history.toString());
  if (outcome.violations.length > 0) {
    broken = { seed, outcome };
    break;
  }
  if (performance.now() - lastSaid > 5_000) {
    lastSaid = performance.now();
    console.log(`${done}/${runs} histories, seed ${seed}, ${orders} orders, ${kills} kills, ${seconds()} s`);
  }
}

if (broken !== undefined) {
  const { seed, outcome } = broken;
  console.log(`\nthe history of seed ${seed}:\n${outcome.history.toString()}\n`);
  for (const { invariant, what } of outcome.violations) console.log(`BROKEN  ${invariant}\n        ${what}`);
  console.log(
    `\nonce more: npm run proof -- 'order histories' --runs 1 --seed ${seed}\nlogs: ${stage.shop.folder}/logs`,
  );
}
await stage.close(broken !== undefined);
const said = Object.entries(ends).map(([end, count]) => `${count} ${end}`);
console.log(`${done} histories in ${seconds()} s: ${orders} orders (${said.join(', ')}), ${kills} kills`);
const byVersion = Object.entries(charges).sort();
console.log(`payments: ${byVersion.map(([version, count]) => `${count} by ${version}`).join(', ')}`);
if (broken === undefined && done < runs) console.log(`go on with: --seed ${first + done} --runs ${runs - done}`);
console.log(`${broken === undefined ? done : done - 1} passed, ${broken === undefined ? 0 : 1} failed`);
process.exitCode = broken === undefined ? 0 : 1;
