// Accounts in the database. A change counts `revision` up, under the row's lock.
import type { Kysely } from 'kysely';
import { etagOf } from '#kit/paging/etag.ts';
import type { UserContext } from '#proto/fairlead/api/v1/context.ts';
import type { User } from '#proto/fairlead/user/v1/user.ts';
import { type RoleEmails, rolesOf } from '../domain/roles.ts';
import type { UsersTable, UserTables } from '../tables.ts';

/** A user's row. */
export type UserRow = Awaited<ReturnType<typeof userById>> & object;

/** What a user may change of the account. */
export type Profile = Pick<User, 'displayName' | 'locale' | 'shippingAddress'>;

const json = (value: object | null): string | null => (value === null ? null : JSON.stringify(value));

/** The user as the contract has it. */
export function toUser(row: UserRow, config: RoleEmails): User {
  const roles = rolesOf(row.email, config);
  return {
    userId: row.user_id,
    email: row.email,
    displayName: row.display_name,
    locale: row.locale,
    shippingAddress: row.shipping_address,
    roles,
    createTime: row.create_time,
    updateTime: row.update_time,
    etag: etagOf(row.revision, ...roles),
  };
}

/** Who stands behind a token. */
export function toUserContext(row: UserRow, config: RoleEmails, expireTime: Date, apiKeyId = ''): UserContext {
  const credentialKind = apiKeyId === '' ? 'CREDENTIAL_KIND_ACCESS_TOKEN' : 'CREDENTIAL_KIND_API_KEY';
  return { userId: row.user_id, roles: rolesOf(row.email, config), credentialKind, apiKeyId, expireTime };
}

/** Adds an account; undefined when the email is taken. */
export function addUser(
  db: Kysely<UserTables>,
  userId: string,
  profile: Pick<UsersTable, 'email' | 'display_name' | 'locale' | 'password_hash'>,
  now: Date,
) {
  return db
    .insertInto('users')
    .values({ user_id: userId, ...profile, create_time: now, update_time: now, revision: 1 })
    .onConflict((conflict) => conflict.constraint('users_email').doNothing())
    .returningAll()
    .executeTakeFirst();
}

export function userById(db: Kysely<UserTables>, userId: string) {
  return db.selectFrom('users').selectAll().where('user_id', '=', userId).executeTakeFirst();
}

/** As {@link userById}; nobody else changes the user until the transaction ends. */
export function lockUser(db: Kysely<UserTables>, userId: string) {
  return db.selectFrom('users').selectAll().where('user_id', '=', userId).forUpdate().executeTakeFirst();
}

export function userByEmail(db: Kysely<UserTables>, email: string) {
  return db.selectFrom('users').selectAll().where('email', '=', email.toLowerCase()).executeTakeFirst();
}

/** Writes a changed profile. */
export function changeUser(db: Kysely<UserTables>, userId: string, profile: Profile, now: Date) {
  return db
    .updateTable('users')
    .set((is) => ({
      display_name: profile.displayName,
      locale: profile.locale,
      shipping_address: json(profile.shippingAddress),
      update_time: now,
      revision: is('revision', '+', 1),
    }))
    .where('user_id', '=', userId)
    .returningAll()
    .executeTakeFirstOrThrow();
}
