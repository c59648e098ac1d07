// Which user a request means: `me` or nothing is the caller, somebody else takes a staff role.
// For everybody else another user is NOT_FOUND, so that an answer does not tell which ids exist.
import type { Context } from '../context.ts';
import { notFound } from '../errors/not-found.ts';

/** Roles that may name other users. */
const staff = ['support', 'admin'];

/**
 * Id of the user that the request names, in lower case.
 *
 * @throws RpcError UNAUTHENTICATED when nobody is logged in; NOT_FOUND for another user, unless the caller is staff
 */
export function namedUser(context: Pick<Context, 'user'>, userId: string): string {
  const caller = context.user();
  if (userId === '' || userId === 'me') return caller.id;
  const named = userId.toLowerCase();
  if (named === caller.id || isStaff(context)) return named;
  throw notFound('user', userId);
}

/** True when the caller has a role that may read what belongs to others. */
export function isStaff(context: Pick<Context, 'user'>): boolean {
  return context.user().roles.some((role) => staff.includes(role));
}

/**
 * Id of the caller, where the request means nobody else: what not even staff sees of others.
 *
 * @throws RpcError UNAUTHENTICATED when nobody is logged in; NOT_FOUND for another user
 */
export function ownId(context: Pick<Context, 'user'>, userId: string): string {
  const { id } = context.user();
  if (userId !== '' && userId !== 'me' && userId.toLowerCase() !== id) throw notFound('user', userId);
  return id;
}
