// `npm run graph`: draws who calls whom, from the declarations, into docs/ as Mermaid and SVG.
// With --check it only says whether the drawing is up to date.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { graphFiles } from '../cdk8s/graph/graph-files.ts';
import { syncFolder } from '../cdk8s/output/sync-folder.ts';
import { fairlead } from '../cdk8s/platform.ts';

const { values: flags } = parseArgs({ options: { check: { type: 'boolean' }, help: { type: 'boolean' } } });
if (flags.help) {
  console.log('usage: npm run graph [-- --check]\n\nWrites docs/service-graph.md and docs/service-graph.svg.');
  process.exit(0);
}
const docs = fileURLToPath(new URL('../docs', import.meta.url));
const files = graphFiles((await fairlead()).model);
const changed = syncFolder(docs, files, { dryRun: flags.check === true, whole: false });
for (const path of files.keys()) {
  console.log(`docs/${path}: ${!changed.includes(path) ? 'up to date' : flags.check ? 'differs' : 'written'}`);
}
process.exitCode = flags.check && changed.length > 0 ? 1 : 0;
