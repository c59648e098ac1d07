// charts/ and infra/ are what synth would write now; a change of a declaration is committed with what it makes.
// Two runs write the same bytes.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { fairlead } from '../platform.ts';
import { outputFolders } from './output-folders.ts';
import { syncFolder } from './sync-folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('charts/ and infra/ are up to date', async () => {
  const platform = await fairlead();
  for (const [folder, files] of Object.entries(outputFolders(platform))) {
    assert.deepEqual(syncFolder(join(root, folder), files, true), [], `run \`npm run synth\`: ${folder}/ differs`);
  }
});

test('synth is deterministic', async () => {
  const [first, second] = [outputFolders(await fairlead()), outputFolders(await fairlead())];
  for (const folder of ['charts', 'infra'] as const) assert.deepEqual([...first[folder]], [...second[folder]]);
});
