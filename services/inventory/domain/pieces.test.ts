import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as check, constantFrom, integer, property, record } from 'fast-check';
import { RpcError } from '#kit';
import type { StockItem } from '#proto/fairlead/inventory/v1/stock.ts';
import { addUp, refuse, refuseTwice } from './pieces.ts';

const items = array(
  record({ productId: constantFrom('a', 'b', 'c', 'D', 'd'), quantity: integer({ min: 1, max: 1000 }) }),
);

test('adding up keeps the number of pieces and names each product once', () => {
  check(
    property(items, (list) => {
      const sums = addUp(list);
      const pieces = (all: readonly StockItem[]) => all.reduce((sum, { quantity }) => sum + quantity, 0);
      assert.equal(pieces(sums), pieces(list));
      assert.equal(new Set(sums.map(({ productId }) => productId)).size, sums.length);
      assert.doesNotThrow(() => refuseTwice(sums));
    }),
  );
});

test('what is unknown and what is short is named, the rest is not', () => {
  const levels = [
    { productId: 'a', available: 5 },
    { productId: 'b', available: 4 },
  ];
  const wanted = (...ids: readonly string[]) => ids.map((productId) => ({ productId, quantity: 5 }));
  assert.doesNotThrow(() => refuse(levels, wanted('a')));
  assert.throws(() => refuse(levels, wanted('a', 'b', 'c')), { code: 'NOT_FOUND', message: 'there is no product c' });
  assert.throws(
    () => refuse(levels, wanted('a', 'b')),
    (error) => {
      assert.ok(RpcError.is(error, 'FAILED_PRECONDITION'));
      const description = '5 asked for, 4 available';
      const violations = [{ type: 'OUT_OF_STOCK', subject: 'b', description }];
      assert.deepEqual(error.details.preconditionViolations, violations);
      return true;
    },
  );
});

test('a product that comes again in another letter case is the same product', () => {
  const counts = ['a', 'b', 'A'].map((productId) => ({ productId }));
  assert.throws(() => refuseTwice(counts), /counts\[2\]/);
});
