// The constructs write what the golden files say.
// After a wanted change: `npm run synth:golden`, then review the difference.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { syncFolder } from '../output/sync-folder.ts';
import { goldenFiles, goldenFolder } from './golden-files.ts';

test('constructs write what the golden files hold', () => {
  const changed = syncFolder(goldenFolder, goldenFiles(), { dryRun: true });
  assert.deepEqual(changed, [], 'run `npm run synth:golden` and review what changes');
});
