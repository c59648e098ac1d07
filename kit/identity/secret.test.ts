import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashSecret, isSecret, newSecret } from './secret.ts';

test('a secret is known again by its hash, another one is not', () => {
  const secret = newSecret();
  assert.match(secret, /^[A-Za-z0-9_-]{43}$/);
  assert.equal(isSecret(secret, hashSecret(secret)), true);
  assert.equal(isSecret(newSecret(), hashSecret(secret)), false);
});

test('no two secrets are alike', () => {
  assert.equal(new Set(Array.from({ length: 100 }, newSecret)).size, 100);
});
