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

test('charts/, infra/ and skaffold.yaml are up to date', async () => {
  for (const { folder, files, whole } of outputFolders(await fairlead())) {
    const differ = syncFolder(join(root, folder), files, { dryRun: true, whole });
    assert.deepEqual(differ, [], `run \`npm run synth\`: ${folder}/ differs`);
  }
});

test('synth is deterministic', async () => {
  const [first, second] = [outputFolders(await fairlead()), outputFolders(await fairlead())];
  assert.deepEqual(first, second);
});
