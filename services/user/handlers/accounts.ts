// A user's own account: reading and changing it.
// A change that changes nothing is no change, so that a repeated update neither fails on its etag nor tells anybody.
import { isDeepStrictEqual } from 'node:util';
import { applyReadMask, applyUpdateMask, checkEtag, namedUser, notFound, type RpcHandlersOf } from '#kit';
import type manifest from '../manifest.ts';
import { publishUser } from '../publish-user.ts';
import { changeUser, lockUser, type Profile, toUser, userById } from '../store/users.ts';

/** What a user may change; the rest of a request is not looked at. */
function profileOf({ displayName, locale, shippingAddress }: Profile): Profile {
  return { displayName, locale, shippingAddress };
}

export const accounts: Pick<RpcHandlersOf<typeof manifest>, 'getUser' | 'updateUser'> = {
  async getUser({ userId, readMask }, context) {
    const id = namedUser(context, userId);
    const row = await userById(context.db, id);
    if (row === undefined) throw notFound('user', id);
    return { user: applyReadMask(toUser(row, context.config), readMask) };
  },

  async updateUser({ userId, user: given, updateMask }, context) {
    const id = namedUser(context, userId);
    return context.transaction(async (unit) => {
      const row = await lockUser(unit.db, id);
      if (row === undefined) throw notFound('user', id);
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
