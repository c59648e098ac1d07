// `npm run synth:golden`: rewrites the golden files; the difference is what a change of a construct does.
import { syncFolder } from '../output/sync-folder.ts';
import { goldenFiles, goldenFolder } from './golden-files.ts';

const files = goldenFiles();
const changed = syncFolder(goldenFolder, files);
process.stdout.write(`cdk8s/golden/: ${files.size} files, ${changed.length} changed\n`);
for (const path of changed) process.stdout.write(`  ${path}\n`);
