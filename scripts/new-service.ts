// `npm run new -- <name>`: writes a service that passes CI at once, and brings everything that is generated up to date.
// Nothing that exists is written over.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesOf } from './new-service/files.ts';
import { namesOf } from './new-service/names.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const usage = `usage: npm run new -- <name>

Writes proto/fairlead/<name>/v1, services/<name> with a manifest, a handler, a rule and a test, then runs generate, synth
and graph. The name is lower-case words with dashes between them: stock-count.`;

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

/** Runs one of the project's scripts with this Node, so that the right version does the work. */
function regenerate(script: string): void {
  console.log(`  ${script}`);
  const run = spawnSync(process.execPath, [join(root, script)], { cwd: root, encoding: 'utf8' });
  if (run.status !== 0) fail(`${script} failed:\n${run.stdout}${run.stderr}`);
}

const [name] = process.argv.slice(2);
if (name === undefined || name === '--help' || name === '-h') {
  console.log(usage);
  process.exit(name === undefined ? 64 : 0);
}
const files = (() => {
  try {
    return filesOf(namesOf(name));
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
})();
for (const path of [`services/${name}`, ...files.keys()]) {
  if (existsSync(join(root, path))) fail(`${path} exists already; choose another name, or remove it first`);
}
for (const [path, text] of files) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  console.log(`  ${path}`);
}
for (const script of ['scripts/generate-types.ts', 'cdk8s/main.ts', 'scripts/graph.ts']) regenerate(script);
console.log(`
Next:
  npm test -- services/${name}
  npm start -- --only ${name}
and say in the contract what it does, in the manifest what it calls, stores and publishes.`);
