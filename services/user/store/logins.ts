// Logins and their refresh tokens (RFC 9700, 4.14): each token is good once and replaced by the next one.
// A token that comes a second time was copied: the whole login ends, since nobody can tell who holds the copy.
import type { Kysely } from 'kysely';
import { v7 } from 'uuid';
import type { UserTables } from '../tables.ts';

/** Opens a login. @returns its id */
export async function openLogin(db: Kysely<UserTables>, userId: string, now: Date): Promise<string> {
  const login = { login_id: v7(), user_id: userId, create_time: now };
  await db.insertInto('logins').values(login).execute();
  return login.login_id;
}

/** Adds the refresh token that is valid from now on. */
export async function addRefreshToken(
  db: Kysely<UserTables>,
  loginId: string,
  tokenHash: Buffer,
  expireTime: Date,
): Promise<void> {
  await db
    .insertInto('refresh_tokens')
    .values({ token_hash: tokenHash, login_id: loginId, expire_time: expireTime })
    .execute();
}

/** Uses a refresh token up, or ends its login when it was used before. @returns the login, or why there is none */
export async function redeemRefreshToken(db: Kysely<UserTables>, tokenHash: Buffer, now: Date) {
  const token = await db
    .selectFrom('refresh_tokens')
    .innerJoin('logins', 'logins.login_id', 'refresh_tokens.login_id')
    .select(['logins.login_id', 'logins.user_id', 'logins.revoke_time', 'expire_time', 'use_time'])
    .where('token_hash', '=', tokenHash)
    .forUpdate()
    .executeTakeFirst();
  if (token === undefined || token.revoke_time !== null) return 'INVALID';
  if (token.use_time !== null) {
    await db.updateTable('logins').set({ revoke_time: now }).where('login_id', '=', token.login_id).execute();
    return 'REUSED';
  }
  if (token.expire_time <= now) return 'INVALID';
  await db.updateTable('refresh_tokens').set({ use_time: now }).where('token_hash', '=', tokenHash).execute();
  return token;
}

/** True until the login is revoked. */
export async function isLoginOpen(db: Kysely<UserTables>, loginId: string): Promise<boolean> {
  const login = await db.selectFrom('logins').select('revoke_time').where('login_id', '=', loginId).executeTakeFirst();
  return login !== undefined && login.revoke_time === null;
}

/** Removes refresh tokens that have expired, and logins that have none left. */
export async function removeExpired(db: Kysely<UserTables>, now: Date): Promise<void> {
  await db.deleteFrom('refresh_tokens').where('expire_time', '<=', now).execute();
  const tokens = db.selectFrom('refresh_tokens').select('login_id');
  await db.deleteFrom('logins').where('create_time', '<=', now).where('login_id', 'not in', tokens).execute();
}
