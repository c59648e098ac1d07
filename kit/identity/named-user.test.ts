import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RpcError } from '../errors/rpc-error.ts';
import { namedUser } from './named-user.ts';

const ada = '01941f29-7c00-7000-8000-00000000000a';
const bob = '01941f29-7c00-7000-8000-00000000000b';
const calledBy = (id: string, ...roles: string[]) => ({ user: () => ({ id, roles }) });

test('nothing, me and the own id in any letter case are the caller', () => {
  for (const name of ['', 'me', ada, ada.toUpperCase()]) assert.equal(namedUser(calledBy(ada, 'customer'), name), ada);
});

test('another user is not found, for staff it is', () => {
  for (const role of ['customer', 'partner']) {
    assert.throws(
      () => namedUser(calledBy(ada, role), bob),
      (error) => RpcError.is(error) && error.code === 'NOT_FOUND' && error.details.reason === 'USER_NOT_FOUND',
    );
  }
  for (const role of ['support', 'admin']) assert.equal(namedUser(calledBy(ada, role), bob), bob);
});

test('without a user nobody is named', () => {
  const nobody = {
    user: () => {
      throw new RpcError('UNAUTHENTICATED', 'log in');
    },
  };
  assert.throws(() => namedUser(nobody, bob), { code: 'UNAUTHENTICATED' });
});
