// Who may call what: the rule of the contract for every circle of callers.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { User } from '../context.ts';
import type { Access } from '../contract/contract.ts';
import { RpcError } from '../errors/rpc-error.ts';
import { servicePeers } from '../identity/service-peer.ts';
import { checkAccess } from './access.ts';

const customer: User = { id: 'c', roles: ['customer'] };
const support: User = { id: 's', roles: ['support'] };
const byKey: User = { id: 'k', roles: ['customer'], credential: 'api_key' };

/** The code of the refusal, or OK. */
function outcome(access: Partial<Access>, user?: User, service = false): string {
  const rule: Access = { audience: 'INTERNAL', anonymous: false, roles: [], ...access };
  try {
    checkAccess(rule, user === undefined ? {} : { user }, service);
    return 'OK';
  } catch (error) {
    return RpcError.is(error) ? error.code : String(error);
  }
}

const rows: readonly (readonly [
  access: Partial<Access>,
  nobody: string,
  customer: string,
  support: string,
  key: string,
])[] = [
  [{}, 'OK', 'OK', 'OK', 'OK'],
  [{ roles: ['support'] }, 'UNAUTHENTICATED', 'PERMISSION_DENIED', 'OK', 'PERMISSION_DENIED'],
  [{ audience: 'PARTNER' }, 'UNAUTHENTICATED', 'OK', 'OK', 'OK'],
  [{ audience: 'PARTNER', anonymous: true }, 'OK', 'OK', 'OK', 'OK'],
  [
    { audience: 'PARTNER', roles: ['support', 'admin'] },
    'UNAUTHENTICATED',
    'PERMISSION_DENIED',
    'OK',
    'PERMISSION_DENIED',
  ],
  [{ audience: 'PUBLIC' }, 'UNAUTHENTICATED', 'OK', 'OK', 'PERMISSION_DENIED'],
  [{ audience: 'PUBLIC', anonymous: true }, 'OK', 'OK', 'OK', 'OK'],
];

describe('access', () => {
  for (const [access, ...expected] of rows) {
    it(JSON.stringify(access), () => {
      const users = [undefined, customer, support, byKey];
      assert.deepEqual(
        users.map((user) => outcome(access, user)),
        expected,
      );
    });
  }
});

describe('access of services without a user', () => {
  const rules: readonly (readonly [access: Partial<Access>, service: string])[] = [
    [{ audience: 'PARTNER' }, 'OK'],
    [{ audience: 'PUBLIC' }, 'OK'],
    [{ audience: 'PUBLIC', roles: ['admin'] }, 'UNAUTHENTICATED'],
    [{ audience: 'INTERNAL', roles: ['admin'] }, 'UNAUTHENTICATED'],
  ];
  for (const [access, expected] of rules) {
    it(JSON.stringify(access), () => assert.equal(outcome(access, undefined, true), expected));
  }

  it('a service that calls for a user has no more rights than the user', () => {
    assert.equal(outcome({ audience: 'PUBLIC' }, byKey, true), 'PERMISSION_DENIED');
    assert.equal(outcome({ audience: 'PARTNER', roles: ['admin'] }, customer, true), 'PERMISSION_DENIED');
  });

  it('a service is one of this namespace, verified by the mesh, and no edge', () => {
    const isService = servicePeers('fairlead');
    assert.equal(isService('spiffe://cluster.local/ns/fairlead/sa/order'), true);
    for (const peer of [
      undefined,
      '',
      'spiffe://cluster.local/ns/fairlead/sa/gateway',
      'spiffe://cluster.local/ns/other/sa/order',
      'spiffe://cluster.local/ns/fairlead/sa/order/more',
      'https://cluster.local/ns/fairlead/sa/order',
    ]) {
      assert.equal(isService(peer), false, String(peer));
    }
  });
});
