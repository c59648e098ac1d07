// Who may call what: the rule of the contract for every circle of callers.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { User } from '../context.ts';
import type { Access } from '../contract/contract.ts';
import { RpcError } from '../errors/rpc-error.ts';
import { checkAccess } from './access.ts';

const customer: User = { id: 'c', roles: ['customer'] };
const support: User = { id: 's', roles: ['support'] };
const byKey: User = { id: 'k', roles: ['customer'], credential: 'api_key' };

/** The code of the refusal, or OK. */
function outcome(access: Partial<Access>, user?: User): string {
  const rule: Access = { audience: 'INTERNAL', anonymous: false, roles: [], ...access };
  try {
    checkAccess(rule, user === undefined ? {} : { user });
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
