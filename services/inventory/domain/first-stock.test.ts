import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstStock } from './first-stock.ts';

test('the first stock of a product depends on its id alone and is never none', () => {
  const ids = Array.from({ length: 2_000 }, (_, index) => `01941f29-7c00-7000-8000-${String(index).padStart(12, '0')}`);
  const stocks = ids.map(firstStock);
  assert.deepEqual(ids.map(firstStock), stocks);
  assert.ok(Math.min(...stocks) >= 20 && Math.max(...stocks) <= 500);
  assert.ok(new Set(stocks).size > 400);
});
