// `npm run lint:breaking`: compares the contracts with those of a git reference by `buf breaking`.
// Without a reference it takes origin/main where there is one, else the commit before; a history without contracts passes.
import { execFileSync, spawnSync } from 'node:child_process';

const asked = process.argv[2];
if (asked === '--help') {
  console.log(
    'usage: npm run lint:breaking [-- REF]\n\nFails when a contract in proto/ breaks clients of the contracts at REF (default: origin/main, else HEAD~1).',
  );
  process.exit(0);
}

function hasContracts(reference: string): boolean {
  return spawnSync('git', ['rev-parse', '--quiet', '--verify', `${reference}:buf.yaml`]).status === 0;
}

const head = execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();
const reference = [asked, 'origin/main', 'HEAD~1'].find(
  (each) =>
    each !== undefined &&
    hasContracts(each) &&
    execFileSync('git', ['rev-parse', each], { encoding: 'utf8' }).trim() !== head,
);
if (reference === undefined) {
  if (asked !== undefined) {
    console.error(`${asked} holds no buf.yaml: name a git reference that has contracts`);
    process.exit(1);
  }
  console.log('no earlier contracts to compare with');
  process.exit(0);
}
const run = spawnSync('buf', ['breaking', '--against', `.git#ref=${reference}`], { stdio: 'inherit' });
if (run.error) {
  console.error(`buf could not be started (${run.error.message}); run it through npm: npm run lint:breaking`);
  process.exit(1);
}
if (run.status === 0) console.log(`contracts do not break those of ${reference}`);
process.exit(run.status ?? 1);
