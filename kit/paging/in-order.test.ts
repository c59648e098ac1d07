import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inOrder } from './in-order.ts';

test('rows come in the order of their ids, in any letter case, and ids without a row are named', () => {
  const rows = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];
  assert.deepEqual(
    inOrder(['C', 'x', 'a', 'Y'], rows, ({ id }) => id),
    {
      found: [{ id: 'c' }, { id: 'a' }],
      missing: ['x', 'Y'],
    },
  );
});
