// Accounts as rows, messages and events. A change counts `revision` up, which makes the etag and numbers the events.
import type { Kysely } from 'kysely';
import { aggregateOf, etagOf, type Filled } from '#kit';
import type { UserContext } from '#proto/fairlead/api/v1/context.ts';
import type { User } from '#proto/fairlead/user/v1/user.ts';
import { type RoleEmails, rolesOf } from '../domain/roles.ts';
import type { UsersRow, UserTables } from '../gen/tables.ts';
import type manifest from '../manifest.ts';

export const users = aggregateOf<typeof manifest>()({
  table: 'users',
  key: 'userId',
  kept: { sequence: 'revision', createdAt: 'createTime', updatedAt: 'updateTime' },
  event: 'fairlead.user.v1.UserEvent',
  eventKey: 'userId',
  describe: ({ userId }) => ({ userId }),
});

/** What a token of the user says. */
export function claimsOf({ userId, email }: UsersRow, config: RoleEmails) {
  return { sub: userId, roles: rolesOf(email, config) };
}

export function toUser(row: UsersRow, config: RoleEmails): Filled<User> & Pick<User, 'etag'> {
  const roles = rolesOf(row.email, config);
  return { ...row, roles, etag: etagOf(row.revision, ...roles) };
}

/** Who stands behind a token. */
export function toUserContext(row: UsersRow, config: RoleEmails, expireTime: Date, apiKeyId = ''): UserContext {
  const credentialKind = apiKeyId === '' ? 'CREDENTIAL_KIND_ACCESS_TOKEN' : 'CREDENTIAL_KIND_API_KEY';
  return { userId: row.userId, roles: rolesOf(row.email, config), credentialKind, apiKeyId, expireTime };
}

export function userByEmail(db: Kysely<UserTables>, email: string): Promise<UsersRow | undefined> {
  return db.selectFrom('users').selectAll().where('email', '=', email.toLowerCase()).executeTakeFirst();
}
