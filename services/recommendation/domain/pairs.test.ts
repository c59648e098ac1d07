import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pairsOf } from './pairs.ts';

test('every two products of an order are a pair in both directions', () => {
  const pairs = pairsOf(['c', 'a', 'b', 'a']).map((pair) => pair.productId + pair.otherProductId);
  assert.deepEqual(pairs, ['ab', 'ac', 'ba', 'bc', 'ca', 'cb']);
});

test('one product makes no pair, and a very long order makes a bounded number', () => {
  assert.deepEqual(pairsOf(['a']), []);
  assert.equal(pairsOf(Array.from({ length: 100 }, (_, index) => `p${index}`)).length, 30 * 29);
});
