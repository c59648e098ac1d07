import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as check, constantFrom, integer, property, record } from 'fast-check';
import { addUp, obstacles, type Pieces, sameProductTwice } from './pieces.ts';

const items = array(
  record({ productId: constantFrom('a', 'b', 'c', 'D', 'd'), quantity: integer({ min: 1, max: 1000 }) }),
);

test('adding up keeps the number of pieces and names each product once', () => {
  check(
    property(items, (list) => {
      const sums = addUp(list);
      const pieces = (all: readonly Pieces[]) => all.reduce((sum, { quantity }) => sum + quantity, 0);
      assert.equal(pieces(sums), pieces(list));
      assert.equal(new Set(sums.map(({ productId }) => productId)).size, sums.length);
      assert.equal(sameProductTwice(sums), undefined);
    }),
  );
});

test('what is unknown and what is short is named, the rest is not', () => {
  const levels = [
    { product_id: 'a', available: 5 },
    { product_id: 'b', available: 4 },
  ];
  const wanted = ['a', 'b', 'c'].map((productId) => ({ productId, quantity: 5 }));
  assert.deepEqual(obstacles(levels, wanted), {
    unknown: ['c'],
    short: [{ productId: 'b', quantity: 5, available: 4 }],
  });
});

test('a product that comes again in another letter case is the same product', () => {
  assert.equal(sameProductTwice([{ productId: 'a' }, { productId: 'b' }, { productId: 'A' }]), 2);
});
