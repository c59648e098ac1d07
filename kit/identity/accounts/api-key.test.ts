import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newApiKey, prefixOf } from './api-key.ts';

test('an API key begins with its prefix, by which it is found', () => {
  const { prefix, secret } = newApiKey();
  assert.ok(secret.startsWith(`${prefix}_`));
  assert.equal(prefixOf(secret), prefix);
  assert.notEqual(newApiKey().prefix, prefix);
});

test('what is not in the form of an API key has no prefix', () => {
  const secret = 'A'.repeat(43);
  for (const text of [
    '',
    'fl_',
    'fl_0123456789',
    `fl_012345678_${secret}`,
    `xx_0123456789_${secret}`,
    `fl_0123456789_${secret}A`,
  ]) {
    assert.equal(prefixOf(text), undefined);
  }
});
