// API keys: made, listed and revoked by a user, exchanged for short-lived tokens by the gateway.
// Staff may look at others' keys and revoke them, but not make any: a key acts with all rights of its user.
import { type Context, milliseconds, namedUser, notFound, openPage, RpcError, type RpcHandlersOf } from '#kit';
import { hashSecret, isSecret } from '#kit/identity/secret.ts';
import { newApiKey, prefixOf } from '../domain/api-key.ts';
import { rolesOf } from '../domain/roles.ts';
import type manifest from '../manifest.ts';
import * as store from '../store/api-keys.ts';
import { tokenIssuer } from '../store/token-issuer.ts';
import { toUserContext, userById } from '../store/users.ts';

const tokenLifetimeMs = milliseconds('10m');

/** The key and its user, or UNAUTHENTICATED. */
async function ownerOf({ db, clock }: Context<typeof manifest>, apiKey: string) {
  const prefix = prefixOf(apiKey);
  const key = prefix && (await store.usableApiKey(db, { prefix }, clock.now()));
  const user = key && isSecret(apiKey, key.secret_hash) && (await userById(db, key.user_id));
  if (key && user) return { key, user };
  throw new RpcError('UNAUTHENTICATED', 'the API key is unknown, expired or revoked', { reason: 'API_KEY_INVALID' });
}

export const apiKeys: Pick<
  RpcHandlersOf<typeof manifest>,
  'createApiKey' | 'listApiKeys' | 'revokeApiKey' | 'exchangeApiKey'
> = {
  async createApiKey({ userId, displayName, expireTime }, context) {
    const owner = namedUser(context, userId);
    if (owner !== context.user().id) {
      throw new RpcError('PERMISSION_DENIED', 'an API key is made by its user only, because it acts as that user', {
        reason: 'NOT_THE_USER',
      });
    }
    const { prefix, secret } = newApiKey();
    const key = {
      user_id: owner,
      display_name: displayName,
      prefix,
      secret_hash: hashSecret(secret),
      expire_time: expireTime,
    };
    return { apiKey: store.toApiKey(await store.addApiKey(context.db, key, context.clock.now())), secret };
  },

  async listApiKeys(request, context) {
    const userId = namedUser(context, request.userId);
    const page = openPage(context, request, { filters: { userId } });
    const rows = await store.listApiKeys(context.db, userId, page.after?.[0], page.limit);
    const { items, nextPageToken } = page.close(rows, (row) => [row.api_key_id]);
    return {
      apiKeys: items.map(store.toApiKey),
      nextPageToken,
      totalSize: await store.countApiKeys(context.db, userId),
    };
  },

  async revokeApiKey({ userId, apiKeyId }, context) {
    const row = await store.revokeApiKey(context.db, namedUser(context, userId), apiKeyId, context.clock.now());
    if (row === undefined) throw notFound('API key', apiKeyId);
    return { apiKey: store.toApiKey(row) };
  },

  async exchangeApiKey({ apiKey }, context) {
    const { key, user } = await ownerOf(context, apiKey);
    const now = context.clock.now();
    const claims = { sub: user.user_id, roles: rolesOf(user.email, context.config), api_key_id: key.api_key_id };
    // The token ends no later than the key.
    const lifetime = Math.min(tokenLifetimeMs, (key.expire_time?.getTime() ?? Infinity) - now.getTime());
    const issuer = await tokenIssuer(context);
    const { token, expiresAt } = await issuer.issue({ ...claims, credential: 'api_key' }, `${lifetime}ms`);
    await store.noteUse(context.db, key.api_key_id, now);
    return { accessToken: token, user: toUserContext(user, context.config, expiresAt, key.api_key_id) };
  },
};
