// Golden files: what each construct writes for the shop, to be reviewed as a difference.
// `npm run synth:golden` rewrites them; a test compares. The explicit expectations stand in the constructs' own tests.
import { fileURLToPath } from 'node:url';
import { MeshPlatform } from '../constructs/mesh-platform.ts';
import { chartFiles } from '../output/charts/chart-files.ts';
import { documents } from '../output/infra-files.ts';
import { objectsOf, shopWith } from './shop.ts';

/** Folder of the golden files. */
export const goldenFolder: string = fileURLToPath(new URL('../golden', import.meta.url));

/** Templates and values that are kept as golden files; the rest of a chart follows from the same code. */
const charts = [
  'stock/values.yaml',
  'stock/values.schema.json',
  'stock/templates/traffic.yaml',
  'shop/templates/NOTES.txt',
];

function kebab(kind: string): string {
  return kind.replaceAll(/(?<!^)([A-Z])/g, '-$1').toLowerCase();
}

/** Golden files by path: one a kind of object, and some of a chart. */
export function goldenFiles(): Map<string, string> {
  const platform = new MeshPlatform(shopWith());
  const objects = objectsOf(platform);
  const kinds = [...new Set(objects.map(({ kind }) => kind))].sort();
  const files = new Map(
    kinds.map((kind) => [`${kebab(kind)}.yaml`, documents(objects.filter((object) => object.kind === kind))]),
  );
  const chart = chartFiles(platform);
  for (const path of charts) files.set(`chart/${path}`, chart.get(path) ?? '');
  return files;
}
