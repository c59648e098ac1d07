// API keys: found by their prefix, proven by their hash, revoked for good. The secret is shown once and stored as a hash.
// They are kept in a table of the service that has the accounts:
//   create table api_keys (api_key_id uuid primary key, user_id uuid, display_name text, prefix text unique, secret_hash bytea,
//     create_time timestamptz, expire_time timestamptz, last_use_time timestamptz, revoke_time timestamptz)
import { type Kysely, type Selectable, sql } from 'kysely';
import { v7 } from 'uuid';
import type { Context } from '../../context.ts';
import { notFound } from '../../errors/not-found.ts';
import { RpcError } from '../../errors/rpc-error.ts';
import type { PageRequest } from '../../paging/page.ts';
import { listPage } from '../../records/list-page.ts';
import { hashSecret, isSecret } from '../secret.ts';
import { newApiKey, prefixOf } from './api-key.ts';

/** An API key as it is stored. */
export interface ApiKeysTable {
  apiKeyId: string;
  userId: string;
  displayName: string;
  prefix: string;
  secretHash: Buffer;
  createTime: Date;
  expireTime: Date | null;
  lastUseTime: Date | null;
  revokeTime: Date | null;
}

type ApiKeyRow = Selectable<ApiKeysTable>;

/** A service's database that has such a table; rows are named in camelCase. */
type Db = Kysely<{ apiKeys: ApiKeysTable }>;

/** Makes a key of a user. */
export async function addApiKey(
  db: Db,
  key: Pick<ApiKeyRow, 'userId' | 'displayName' | 'expireTime'>,
  now: Date,
): Promise<{ readonly apiKey: ApiKeyRow; readonly secret: string }> {
  const { prefix, secret } = newApiKey();
  const values = { ...key, apiKeyId: v7(), prefix, secretHash: hashSecret(secret), createTime: now };
  return { apiKey: await db.insertInto('apiKeys').values(values).returningAll().executeTakeFirstOrThrow(), secret };
}

/** A page of a user's keys, newest first, revoked ones included. */
export function listApiKeys(context: Pick<Context, 'config'>, db: Db, request: PageRequest, userId: string) {
  const query = db.selectFrom('apiKeys').where('userId', '=', userId);
  return listPage(context, request, query, { by: 'apiKeyId', order: 'desc', filters: { userId } });
}

function usable(db: Db, now: Date) {
  return db
    .selectFrom('apiKeys')
    .selectAll()
    .where('revokeTime', 'is', null)
    .where((is) => is.or([is('expireTime', 'is', null), is('expireTime', '>', now)]));
}

/** Whether a key works now: neither expired nor revoked. */
export async function isApiKeyUsable(db: Db, apiKeyId: string, now: Date): Promise<boolean> {
  return (await usable(db, now).where('apiKeyId', '=', apiKeyId).executeTakeFirst()) !== undefined;
}

/** Notes a use, to the minute: a busy key is not written at every call. */
async function noteUse(db: Db, apiKeyId: string, now: Date): Promise<void> {
  const minute = new Date(Math.floor(now.getTime() / 60_000) * 60_000);
  await db
    .updateTable('apiKeys')
    .set({ lastUseTime: minute })
    .where('apiKeyId', '=', apiKeyId)
    .where((is) => is.or([is('lastUseTime', 'is', null), is('lastUseTime', '<', minute)]))
    .execute();
}

/**
 * The key that a secret proves, with a use of it noted.
 *
 * @throws RpcError UNAUTHENTICATED
 */
export async function proveApiKey(db: Db, secret: string, now: Date): Promise<ApiKeyRow> {
  const prefix = prefixOf(secret);
  const key = prefix && (await usable(db, now).where('prefix', '=', prefix).executeTakeFirst());
  if (key && isSecret(secret, key.secretHash)) {
    await noteUse(db, key.apiKeyId, now);
    return key;
  }
  throw new RpcError('UNAUTHENTICATED', 'the API key is unknown, expired or revoked', { reason: 'API_KEY_INVALID' });
}

/**
 * Revokes a key of a user; the first time of revoking stays.
 *
 * @throws RpcError NOT_FOUND when the user has no such key
 */
export async function revokeApiKey(db: Db, userId: string, apiKeyId: string, now: Date): Promise<ApiKeyRow> {
  const row = await db
    .updateTable('apiKeys')
    .set({ revokeTime: sql<Date>`coalesce(revoke_time, ${now})` })
    .where('userId', '=', userId)
    .where('apiKeyId', '=', apiKeyId)
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) throw notFound('API key', apiKeyId);
  return row;
}
