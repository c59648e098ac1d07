// `npm run synth`: writes charts/, infra/ and skaffold.yaml; with --check it only says whether they are up to date.
// A second run writes the same bytes, so a difference in version control is always a change of the declarations.

import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SynthError } from './model/synth-error.ts';
import { outputFolders } from './output/output-folders.ts';
import { syncFolder } from './output/sync-folder.ts';
import { fairlead } from './platform.ts';

const { values: flags } = parseArgs({ options: { check: { type: 'boolean' }, help: { type: 'boolean' } } });
const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function run(): Promise<number> {
  if (flags.help) {
    say(
      'usage: npm run synth [-- --check]\n\nWrites charts/, infra/ and skaffold.yaml from cdk8s/ and the manifests. With --check, only says what would change.',
    );
    return 0;
  }
  const platform = await fairlead();
  const root = fileURLToPath(new URL('..', import.meta.url));
  let changed = 0;
  for (const { folder, files, whole } of outputFolders(platform)) {
    const changes = syncFolder(`${root}/${folder}`, files, { dryRun: flags.check === true, whole });
    changed += changes.length;
    say(
      `${folder === '.' ? [...files.keys()].join(', ') : `${folder}/`}: ${files.size} files, ${changes.length === 0 ? 'up to date' : `${changes.length} ${flags.check ? 'differ' : 'written'}`}`,
    );
    if (flags.check) for (const change of changes) say(`  ${folder}/${change}`);
  }
  if (flags.check && changed > 0) say('run `npm run synth` and commit what it writes');
  return flags.check && changed > 0 ? 1 : 0;
}

try {
  process.exitCode = await run();
} catch (error) {
  if (!(error instanceof SynthError)) throw error;
  process.stderr.write(`synth: ${error.message}\n`);
  process.exitCode = 1;
}
