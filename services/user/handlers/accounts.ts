// A user's own account: reading and changing it.
// A change that changes nothing is no change, so that a repeated update neither fails on its etag nor tells anybody.
import { isDeepStrictEqual } from 'node:util';
import { RpcError } from '#kit/errors/rpc-error.ts';
import { namedUser } from '#kit/identity/named-user.ts';
import type { RpcHandlersOf } from '#kit/service.ts';
import { changedProfile } from '../domain/changed-profile.ts';
import { publishUser } from '../events.ts';
import type manifest from '../manifest.ts';
import { changeUser, lockUser, toUser, userById } from '../store/users.ts';

function unknownUser(userId: string): RpcError {
  return new RpcError('NOT_FOUND', `there is no user ${userId}`, { reason: 'USER_NOT_FOUND' });
}

export const accounts: Pick<RpcHandlersOf<typeof manifest>, 'getUser' | 'updateUser'> = {
  async getUser({ userId, readMask }, context) {
    const id = namedUser(context, userId);
    const row = await userById(context.db, id);
    if (row === undefined) throw unknownUser(id);
    return { user: toUser(row, context.config) };
  },

  async updateUser({ userId, user, updateMask }, context) {
    const id = namedUser(context, userId);
    return context.transaction(async (unit) => {
      const row = await lockUser(unit.db, id);
      if (row === undefined) throw unknownUser(id);
      const present = toUser(row, context.config);
      const profile = changedProfile(present, user, updateMask?.paths ?? []);
      if (isDeepStrictEqual({ ...present, ...profile }, present)) return { user: present };
      if (user?.etag && user.etag !== present.etag) {
        throw new RpcError('ABORTED', 'the account was changed meanwhile; read it again and repeat the change', {
          reason: 'ETAG_MISMATCH',
        });
      }
      const changed = await changeUser(unit.db, id, profile, context.clock.now());
      await publishUser(unit, changed, 'updated');
      return { user: toUser(changed, context.config) };
    });
  },
};
