// The fuzz tests with an effort of one's own: `node test/proof/fuzz/main.ts --runs 1000 --seed 5`, seed by seed until one is
// found that fails. `npm test` runs a few of each.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const help = `usage: node test/proof/fuzz/main.ts [--runs N] [--seed S]    (npm run proof -- fuzz --runs N --seed S)

Requests of every contract against the real services, and Istio rule sets against the mesh's rule engine.

  --runs N   valid requests a method, and rule sets a property (default: 40)
  --seed S   of the first 8 runs; the next 8 have the next seed (default: 1)
  --help     this text
`;

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}
for (const [name, text] of [
  ['runs', values.runs],
  ['seed', values.seed],
] as const) {
  if (/^\d+$/.test(text)) continue;
  console.error(`--${name} takes a whole number, not '${text}'`);
  process.exit(64);
}
/** Runs at one time, as in `npm test`: test files are ended after some minutes. */
const portion = 8;
const runs = Number(values.runs);
let [passed, failed] = [0, 0];
for (let done = 0; done < runs; done += portion) {
  const seed = Number(values.seed) + done / portion;
  const program = [join(import.meta.dirname, '../../run.ts'), 'test/proof/fuzz'];
  const { stdout } = spawnSync(process.execPath, program, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      FAIRLEAD_FUZZ_RUNS: String(Math.min(portion, runs - done)),
      FAIRLEAD_FUZZ_SEED: String(seed),
    },
  });
  const [, good = '0', bad = '1'] = /^(\d+) passed, (\d+) failed/m.exec(stdout) ?? [];
  passed += Number(good);
  failed += Number(bad);
  if (Number(bad) > 0) {
    console.log(`${stdout}\nonce more: npm run proof -- fuzz --runs ${portion} --seed ${seed}`);
    break;
  }
  console.log(`${Math.min(done + portion, runs)}/${runs} runs, seed ${seed}: nothing found`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
