import assert from 'node:assert/strict';
import { scryptSync } from 'node:crypto';
import { test } from 'node:test';
import { hashPassword, isPassword } from './password-hash.ts';

test('a password is known again by its hash, another one is not, and the hash does not hold it', async () => {
  const hash = await hashPassword('correct horse battery');
  assert.match(hash, /^\$scrypt\$ln=15,r=8,p=3\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.equal(await isPassword('correct horse battery', hash), true);
  assert.equal(await isPassword('correct horse batterz', hash), false);
});

test('two hashes of one password differ', async () => {
  assert.notEqual(await hashPassword('correct horse', 10), await hashPassword('correct horse', 10));
});

test('a hash with other parameters than the present ones is still good', async () => {
  const salt = Buffer.from('0123456789abcdef');
  const key = scryptSync('old password', salt, 32, { N: 2 ** 10, r: 4, p: 1 });
  const hash = `$scrypt$ln=10,r=4,p=1$${salt.toString('base64')}$${key.toString('base64')}`;
  const text = hash.replaceAll(/=+(\$|$)/g, '$1');
  assert.equal(await isPassword('old password', text), true);
  assert.equal(await isPassword('new password', text), false);
});

test('the same characters in two Unicode forms are one password', async () => {
  assert.equal(await isPassword('caf\u00e9 au lait', await hashPassword('cafe\u0301 au lait', 10)), true);
});

test('no account has any password', async () => {
  assert.equal(await isPassword('whatever it is', undefined, 10), false);
});

test('a hash in another form is refused loudly', async () => {
  await assert.rejects(isPassword('x', '$2b$10$abc'), /not in the form/);
});
