// The graph shows what is declared: every call with its budget, every event, the canary.
// The committed drawing is that of the committed declarations.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { resolvePlatform } from '../model/resolve-platform.ts';
import { syncFolder } from '../output/sync-folder.ts';
import { fairlead } from '../platform.ts';
import { shopWith } from '../test/shop.ts';
import { graphFiles } from './graph-files.ts';
import { layers } from './layers.ts';
import { mermaidPage } from './mermaid.ts';
import { svgGraph } from './svg.ts';

const shop = resolvePlatform(shopWith());

test('callers stand left of what they call', () => {
  assert.deepEqual(layers(shop.services), [['front'], ['order'], ['stock']]);
});

test('Mermaid has every call with timeout and tries, and the canary', () => {
  const page = mermaidPage(shop);
  assert.match(page, /order -->\|"2 methods, 2s \/ 4s, 1 tried again"\| stock/);
  assert.match(page, /stock\["stock<br\/>v1 80 % · v2 20 %"\]/);
  assert.match(page, /Get 2s, up to 3 tries<br\/>Take 4s, once/);
});

test('the drawing has a box a service and an arrow a call', () => {
  const svg = svgGraph(shop);
  assert.equal(svg.match(/<g class="(service|edge)">/g)?.length, 3);
  assert.equal(svg.match(/<g class="call">/g)?.length, 2);
});

test('the committed graph is up to date', async () => {
  const docs = join(fileURLToPath(new URL('../..', import.meta.url)), 'docs');
  const differ = syncFolder(docs, graphFiles((await fairlead()).model), { dryRun: true, whole: false });
  assert.deepEqual(differ, [], 'run `npm run graph`');
});
