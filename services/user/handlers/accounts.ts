// A user's own account: reading and changing it.
// A change that changes nothing is no change, so that a repeated update neither fails on its etag nor tells anybody.
import { isDeepStrictEqual } from 'node:util';
import { RpcError } from '#kit/errors/rpc-error.ts';
import { namedUser } from '#kit/identity/named-user.ts';
import { checkEtag } from '#kit/paging/etag.ts';
import { applyReadMask, applyUpdateMask } from '#kit/paging/field-mask.ts';
import type { RpcHandlersOf } from '#kit/service.ts';
import { publishUser } from '../events.ts';
import type manifest from '../manifest.ts';
import { changeUser, lockUser, type Profile, toUser, userById } from '../store/users.ts';

function unknownUser(userId: string): RpcError {
  return new RpcError('NOT_FOUND', `there is no user ${userId}`, { reason: 'USER_NOT_FOUND' });
}

/** What a user may change; the rest of a request is not looked at. */
function profileOf({ displayName, locale, shippingAddress }: Profile): Profile {
  return { displayName, locale, shippingAddress };
}

export const accounts: Pick<RpcHandlersOf<typeof manifest>, 'getUser' | 'updateUser'> = {
  async getUser({ userId, readMask }, context) {
    const id = namedUser(context, userId);
    const row = await userById(context.db, id);
    if (row === undefined) throw unknownUser(id);
    return { user: applyReadMask(toUser(row, context.config), readMask) };
  },

  async updateUser({ userId, user: given, updateMask }, context) {
    const id = namedUser(context, userId);
    return context.transaction(async (unit) => {
      const row = await lockUser(unit.db, id);
      if (row === undefined) throw unknownUser(id);
      const present = toUser(row, context.config);
      const before = profileOf(present);
      const profile = applyUpdateMask(before, profileOf(given ?? present), updateMask);
      if (isDeepStrictEqual(profile, before)) return { user: present };
      checkEtag(given?.etag ?? '', present.etag);
      const changed = await changeUser(unit.db, id, profile, context.clock.now());
      await publishUser(unit, changed, 'updated');
      return { user: toUser(changed, context.config) };
    });
  },
};
