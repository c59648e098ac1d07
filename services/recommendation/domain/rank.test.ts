import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as check, constantFrom, integer, nat, property, record } from 'fast-check';
import { rank } from './rank.ts';

const product = constantFrom('a', 'b', 'c', 'd', 'e', 'f');
const candidates = array(record({ productId: product, weight: integer({ min: 1, max: 50 }) })).map((list) =>
  list.toSorted((a, b) => b.weight - a.weight),
);

test('a list is as long as asked for where it can be, without doubles or known products, best first, from 0 to 1', () => {
  const sources = record({ together: candidates, trending: candidates, catalogue: array(product) });
  check(
    property(sources, array(product), nat(6), (from, known, limit) => {
      const ranked = rank(from, new Set(known), limit);
      const ids = ranked.map(({ productId }) => productId);
      const possible = new Set([...from.together, ...from.trending].map(({ productId }) => productId));
      const rest: ReadonlySet<string> = possible.union(new Set(from.catalogue)).difference(new Set(known));
      assert.equal(ranked.length, Math.min(limit, rest.size));
      assert.equal(new Set(ids).size, ids.length);
      assert.ok(ids.every((id) => rest.has(id)));
      const scores = ranked.map(({ score }) => score);
      assert.deepEqual(
        scores,
        scores.toSorted((a, b) => b - a),
      );
      assert.ok(scores.every((score) => score >= 0 && score <= 1));
    }),
  );
});

test('what is bought together comes before what is trending, and says why', () => {
  const together = [{ productId: 'a', weight: 1, becauseOf: 'x' }];
  const trending = [
    { productId: 'a', weight: 900 },
    { productId: 'b', weight: 800 },
  ];
  const list = rank({ together, trending, catalogue: ['b', 'c'] }, new Set(['x']), 3);
  assert.deepEqual(
    list.map(({ productId, reason, becauseOfProductId }) => [productId, reason, becauseOfProductId]),
    [
      ['a', 'RECOMMENDATION_REASON_BOUGHT_TOGETHER', 'x'],
      ['b', 'RECOMMENDATION_REASON_TRENDING', ''],
      ['c', 'RECOMMENDATION_REASON_UNSPECIFIED', ''],
    ],
  );
});
