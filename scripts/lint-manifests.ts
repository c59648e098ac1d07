// `npm run lint:manifests`: infra/ and charts/ under every linter of the field that is found here.
// 0 errors, 0 criticals; what is ignored has its reason in lint-manifests/ignored-checks.ts. `--require` makes a missing tool an error.
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkov, helmLint, istioctl, kubeconform, kubeScore, podSecurity } from './lint-manifests/linters.ts';

const { values: flags } = parseArgs({ options: { require: { type: 'boolean' }, help: { type: 'boolean' } } });
if (flags.help) {
  console.log(
    'usage: npm run lint:manifests [-- --require]\n\nRuns what is found of kubeconform, Pod Security, kube-score, checkov, istioctl and helm.',
  );
  process.exit(0);
}

const root = fileURLToPath(new URL('..', import.meta.url));
const platformFiles = globSync(join(root, 'infra/*.yaml')).sort();
const files = [...platformFiles, ...globSync(join(root, 'infra/observability/*.yaml')).sort()];

let failed = false;
const unchecked: string[] = [];
for (const linter of [kubeconform, podSecurity, kubeScore, checkov, istioctl, helmLint]) {
  const { tool, errors, note } = linter({ root, files, platformFiles });
  if (errors === undefined) {
    unchecked.push(tool);
    console.log(`${tool}: *** NOT CHECKED: ${note} ***`);
    continue;
  }
  console.log(`${tool}: ${errors.length === 0 ? 'clean' : `${errors.length} errors`} (${note})`);
  for (const error of errors) console.log(`  ${error}`);
  failed ||= errors.length > 0;
}
if (unchecked.length > 0) console.log(`not proved here: ${unchecked.join(', ')}`);
process.exitCode = failed || (flags.require && unchecked.length > 0) ? 1 : 0;
