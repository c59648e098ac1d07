import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProductRow } from '#proto/fairlead/catalog/v1/product.ts';
import { mostRows, readRows } from './import-rows.ts';

const row = (sku: string, name = 'Lamp'): ProductRow => ({
  sku,
  name,
  description: '',
  category: 'home-garden',
  price: { currencyCode: 'EUR', units: 100 },
});

async function* requests(rows: Iterable<ProductRow | null>) {
  for (const one of rows) yield { row: one };
}

/** Stands for the contract's rules. */
const named = ({ name }: ProductRow) => (name === '' ? [{ field: 'name', description: 'is empty' }] : []);

test('good rows come in the order of their article numbers', async () => {
  const { rows, ...outcome } = await readRows(requests([row('B'), row('A')]), named);
  assert.deepEqual(
    rows.map(({ sku }) => sku),
    ['A', 'B'],
  );
  assert.deepEqual(outcome, { rowCount: 2, invalidCount: 0, rowErrors: [] });
});

test('every wrong row is told of by its number', async () => {
  const { invalidCount, rowErrors } = await readRows(requests([row('A', ''), row('B'), null, row('B')]), named);
  assert.equal(invalidCount, 3);
  assert.deepEqual(
    rowErrors.map(({ row: number, sku, fieldViolations }) => [number, sku, fieldViolations.map(({ field }) => field)]),
    [
      [1, 'A', ['name']],
      [3, '', ['row']],
      [4, 'B', ['sku']],
    ],
  );
});

test('of many wrong rows the first hundred are told of, and all are counted', async () => {
  const rows = Array.from({ length: 150 }, (_, index) => row(`S${index}`, ''));
  const { rowCount, invalidCount, rowErrors } = await readRows(requests(rows), named);
  assert.deepEqual([rowCount, invalidCount, rowErrors.length], [150, 150, 100]);
});

test('an import that never ends is cut off', async () => {
  function* endless() {
    for (let index = 0; ; index++) yield row(`S${index}`);
  }
  await assert.rejects(readRows(requests(endless()), named), { code: 'RESOURCE_EXHAUSTED' });
  assert.ok(mostRows >= 10_000);
});
