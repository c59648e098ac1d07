import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rolesOf } from './roles.ts';

const config = {
  USER_ADMIN_EMAILS: 'ada@example.com, Grace@Example.com',
  USER_SUPPORT_EMAILS: 'help@example.com,ada@example.com',
  USER_PARTNER_EMAILS: '',
};

test('everybody is a customer, staff by their email in any letter case', () => {
  assert.deepEqual(rolesOf('bob@example.com', config), ['customer']);
  assert.deepEqual(rolesOf('help@example.com', config), ['customer', 'support']);
  assert.deepEqual(rolesOf('grace@example.com', config), ['customer', 'admin']);
  assert.deepEqual(rolesOf('ada@example.com', config), ['customer', 'support', 'admin']);
});

test('a part of a listed email, or nothing, is not listed', () => {
  for (const email of ['ace@example.com', 'ada@example.co', ''])
    assert.deepEqual(rolesOf(email, { ...config, USER_PARTNER_EMAILS: 'x' }), ['customer']);
});
