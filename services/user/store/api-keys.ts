// API keys in the database: found by their prefix, proven by their hash, revoked for good.
import { type Kysely, type Selectable, sql } from 'kysely';
import { v7 } from 'uuid';
import type { ApiKey } from '#proto/fairlead/user/v1/user.ts';
import type { ApiKeysTable, UserTables } from '../tables.ts';

/** The key as the contract has it. */
export function toApiKey(row: Selectable<ApiKeysTable>): ApiKey {
  return {
    apiKeyId: row.api_key_id,
    displayName: row.display_name,
    prefix: row.prefix,
    createTime: row.create_time,
    expireTime: row.expire_time,
    lastUseTime: row.last_use_time,
    revokeTime: row.revoke_time,
  };
}

export function addApiKey(
  db: Kysely<UserTables>,
  key: Pick<ApiKeysTable, 'user_id' | 'display_name' | 'prefix' | 'secret_hash' | 'expire_time'>,
  now: Date,
) {
  return db
    .insertInto('api_keys')
    .values({ api_key_id: v7(), ...key, create_time: now })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Up to `limit` keys of a user, newest first, from those older than `before` on. */
export function listApiKeys(db: Kysely<UserTables>, userId: string, before: unknown, limit: number) {
  return db
    .selectFrom('api_keys')
    .selectAll()
    .where('user_id', '=', userId)
    .$if(before !== undefined, (query) => query.where('api_key_id', '<', String(before)))
    .orderBy('api_key_id', 'desc')
    .limit(limit)
    .execute();
}

/** How many keys a user has, revoked ones included. */
export async function countApiKeys(db: Kysely<UserTables>, userId: string): Promise<number> {
  const { count } = await db
    .selectFrom('api_keys')
    .select((is) => is.fn.countAll<number>().as('count'))
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow();
  return count;
}

/** The key if it works now: neither expired nor revoked. */
export function usableApiKey(db: Kysely<UserTables>, by: { prefix: string } | { apiKeyId: string }, now: Date) {
  return db
    .selectFrom('api_keys')
    .selectAll()
    .where((is) => ('prefix' in by ? is('prefix', '=', by.prefix) : is('api_key_id', '=', by.apiKeyId)))
    .where('revoke_time', 'is', null)
    .where((is) => is.or([is('expire_time', 'is', null), is('expire_time', '>', now)]))
    .executeTakeFirst();
}

/** Notes a use, to the minute: a busy key is not written at every call. */
export async function noteUse(db: Kysely<UserTables>, apiKeyId: string, now: Date): Promise<void> {
  const minute = new Date(Math.floor(now.getTime() / 60_000) * 60_000);
  await db
    .updateTable('api_keys')
    .set({ last_use_time: minute })
    .where('api_key_id', '=', apiKeyId)
    .where((is) => is.or([is('last_use_time', 'is', null), is('last_use_time', '<', minute)]))
    .execute();
}

/** Revokes a key of a user; the first time of revoking stays. Undefined when the user has no such key. */
export function revokeApiKey(db: Kysely<UserTables>, userId: string, apiKeyId: string, now: Date) {
  return db
    .updateTable('api_keys')
    .set({ revoke_time: sql<Date>`coalesce(revoke_time, ${now})` })
    .where('user_id', '=', userId)
    .where('api_key_id', '=', apiKeyId)
    .returningAll()
    .executeTakeFirst();
}
