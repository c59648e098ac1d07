// Says how many code lines each service has, and fails where that is not between 50 and 250 (`npm run lint:size`).
// More than 250 is plumbing that belongs in the kit; fewer than 50 is hardly a service of its own.
//
// A code line is a line of a *.ts file that is neither blank nor comment alone; imports, types and braces count. Not counted:
// tests and their fixtures (*.test.ts, *.fixture.ts, fixtures/, testing/), migrations/, and gen/, which is made from them.
// The lower bound waits until a service has a second method: `npm run new` makes one with a single method.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadContract } from '../kit/contract/contract.ts';
import type { ServiceManifest } from '../kit/manifest.ts';

const least = 50;
const most = 250;

const root = fileURLToPath(new URL('..', import.meta.url));
const left = /\.(test|fixture)\.ts$|\/(fixtures|testing|migrations|gen)\//;

/** Code lines of a source text. */
export function codeLines(text: string): number {
  let count = 0;
  let inComment = false;
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (inComment) {
      inComment = !line.includes('*/');
      continue;
    }
    if (line === '' || line.startsWith('//')) continue;
    const end = line.indexOf('*/');
    if (line.startsWith('/*') && (end === -1 || end === line.length - 2)) {
      inComment = end === -1;
      continue;
    }
    count++;
  }
  return count;
}

function sizeOf(service: string): number {
  const files = globSync(`services/${service}/**/*.ts`, { cwd: root }).map((path) => path.replaceAll('\\', '/'));
  const code = files
    .filter((path) => !left.test(path))
    .map((path) => codeLines(readFileSync(join(root, path), 'utf8')));
  return code.reduce((sum, lines) => sum + lines, 0);
}

async function methodsOf(service: string): Promise<number> {
  const module = (await import(`../services/${service}/manifest.ts`)) as { readonly default: ServiceManifest };
  const { contract } = module.default;
  return contract === undefined ? Number.POSITIVE_INFINITY : loadContract(contract).methods.length;
}

if (import.meta.main) {
  const services = globSync('services/*/manifest.ts', { cwd: root }).map((path) => path.split(/[\\/]/)[1] ?? '');
  const wrong: string[] = [];
  for (const service of services.sort()) {
    const lines = sizeOf(service);
    const small = lines < least && (await methodsOf(service)) > 1;
    const verdict = lines > most ? `more than ${most}: move plumbing into the kit` : small ? `fewer than ${least}` : '';
    console.log(`${String(lines).padStart(4)}  ${service}${verdict && `  ${verdict}`}`);
    if (verdict !== '') wrong.push(service);
  }
  if (wrong.length > 0) {
    console.error(`a service has ${least} to ${most} code lines; these have not: ${wrong.join(', ')}`);
    process.exit(1);
  }
}
