import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenCache } from './token-cache.ts';

test('the least recently used token is dropped first', () => {
  const cache = new TokenCache<number>(2);
  cache.set('a', { value: 1, expiresAt: 100 });
  cache.set('b', { value: 2, expiresAt: 100 });
  assert.equal(cache.get('a', 0), 1);
  cache.set('c', { value: 3, expiresAt: 100 });
  assert.deepEqual([cache.get('a', 0), cache.get('b', 0), cache.get('c', 0), cache.size], [1, undefined, 3, 2]);
});

test('an expired token is forgotten', () => {
  const cache = new TokenCache<number>(2);
  cache.set('a', { value: 1, expiresAt: 100 });
  assert.equal(cache.get('a', 99), 1);
  assert.equal(cache.get('a', 100), undefined);
  assert.equal(cache.size, 0);
});
