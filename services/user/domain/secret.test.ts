import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashSecret, isSecret, newApiKey, newRefreshToken, prefixOf } from './secret.ts';

test('an API key is found by its prefix and proven by its whole', () => {
  const { prefix, secret } = newApiKey();
  assert.equal(prefixOf(secret), prefix);
  const hash = hashSecret(secret);
  assert.equal(isSecret(secret, hash), true);
  assert.equal(isSecret(`${prefix}_${'A'.repeat(43)}`, hash), false);
});

test('what is not in the form of an API key has no prefix', () => {
  for (const text of [
    '',
    'fl_',
    'fl_0123456789',
    `fl_012345678_${'A'.repeat(43)}`,
    `xx_0123456789_${'A'.repeat(43)}`,
  ]) {
    assert.equal(prefixOf(text), undefined);
  }
});

test('no two secrets are alike', () => {
  assert.equal(new Set(Array.from({ length: 100 }, newRefreshToken)).size, 100);
});
