// `npm run proof`: the field's own suites against transport, kit, gateway and mesh, and a table of what came of them.
// Which suites there are stands in suites.ts. Those whose tool is missing are named, with the command that installs it.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { find, installCommand } from '../transport/tools.ts';
import { type Row, table, writeTable } from './proof-table.ts';
import { runSuite, type SuiteEnd } from './suite-process.ts';
import { type Suite, suites } from './suites.ts';
import { tallyOf } from './tally.ts';

const root = join(import.meta.dirname, '../..');
const help = `usage: npm run proof [-- [options] [part of a suite's name]...]

Runs the suites whose name contains one of the words, all when there is none. Exits with 1 when one has failed.

options
  --bounded   without the suites that take long, as in CI
  --complete  fail also when a tool is missing
  --write     write the table into docs/proof.md (rows of suites that did not run stay as they are)
  --runs N    how many of a suite that is made from seeds (default: its own)
  --seed S    where such a suite begins (default: 1)
  --help      this text

suites
${suites.map(({ name, long }) => `  ${name}${long ? ' (long)' : ''}`).join('\n')}

tools: ${installCommand()}
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    bounded: { type: 'boolean', default: false },
    complete: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    runs: { type: 'string' },
    seed: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

/** Size and beginning of what is made from seeds, as the person said. */
const seeds = (['runs', 'seed'] as const).flatMap((name) => (values[name] ? [`--${name}`, values[name]] : []));

/** Runs a suite and shows what it prints. A run that is told to end meanwhile ends with its suite. */
async function run({ command, transport, env, node = [], seeded }: Suite): Promise<SuiteEnd> {
  const [program, ...parameters] = command;
  const end = await runSuite([...node, join(root, program), ...parameters, ...(seeded ? seeds : [])], {
    cwd: root,
    env: { ...process.env, ...(transport && { FAIRLEAD_TRANSPORT: transport }), ...env },
  });
  if (end.interrupted !== undefined) process.exit(end.interrupted);
  return end;
}

async function prove(suite: Suite): Promise<Row> {
  const { name, tool, needs = [] } = suite;
  const missing = needs.filter((need) => find(need) === undefined);
  if (missing.length > 0) return { name, tool, outcome: 'missing', remark: installCommand(missing), seconds: 0 };
  console.log(`\n== ${name}`);
  const started = performance.now();
  const { code, output } = await run(suite);
  const tally = tallyOf(output);
  const seconds = Math.round((performance.now() - started) / 1000);
  return { name, tool, outcome: code === 0 ? 'ok' : 'failed', seconds, ...(tally && { tally }) };
}

if (values.help) {
  console.log(help);
  process.exit(0);
}
const chosen = suites.filter(
  ({ name, long }) =>
    (positionals.length === 0 || positionals.some((word) => name.includes(word))) && !(values.bounded && long),
);
if (chosen.length === 0) {
  console.error(`no suite's name contains '${positionals.join("' or '")}'\n\n${help}`);
  process.exit(64);
}
const rows: Row[] = [];
for (const suite of chosen) rows.push(await prove(suite));
console.log(`\n${table(rows)}`);
const failed = rows.filter(({ outcome }) => outcome === 'failed').length;
const missing = rows.filter(({ outcome }) => outcome === 'missing').length;
console.log(`\n${rows.length - failed - missing} passed, ${failed} failed${missing ? `, ${missing} missing` : ''}`);
if (values.write) {
  const file = join(root, 'docs/proof.md');
  await writeTable(file, rows, suites, ['npm run proof', ...process.argv.slice(2)].join(' '));
  console.log('written: docs/proof.md');
}
process.exitCode = failed > 0 || (values.complete && missing > 0) ? 1 : 0;
