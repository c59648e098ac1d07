// API keys: made, listed and revoked by a user, exchanged for short-lived tokens by the gateway.
// Staff may look at others' keys and revoke them, but not make any: a key acts with all rights of its user.
import { v7 } from 'uuid';
import type { Context } from '#kit/context.ts';
import { RpcError } from '#kit/errors/rpc-error.ts';
import { namedUser } from '#kit/identity/named-user.ts';
import { openPage } from '#kit/paging/page.ts';
import type { RpcHandlersOf } from '#kit/service.ts';
import { rolesOf } from '../domain/roles.ts';
import { hashSecret, isSecret, newApiKey, prefixOf } from '../domain/secret.ts';
import { issueKeyToken } from '../domain/tokens.ts';
import type manifest from '../manifest.ts';
import {
  addApiKey,
  countApiKeys,
  listApiKeys,
  noteUse,
  revokeApiKey,
  toApiKey,
  usableApiKey,
} from '../store/api-keys.ts';
import { tokenIssuer } from '../store/token-issuer.ts';
import { userById } from '../store/users.ts';

async function ownerOf(context: Context<typeof manifest>, apiKey: string) {
  const prefix = prefixOf(apiKey);
  const key = prefix && (await usableApiKey(context.db, { prefix }, context.clock.now()));
  const user = key && isSecret(apiKey, key.secret_hash) && (await userById(context.db, key.user_id));
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
    const row = await addApiKey(context.db, {
      api_key_id: v7(),
      user_id: owner,
      display_name: displayName,
      prefix,
      secret_hash: hashSecret(secret),
      create_time: context.clock.now(),
      expire_time: expireTime,
    });
    return { apiKey: toApiKey(row), secret };
  },

  async listApiKeys(request, context) {
    const userId = namedUser(context, request.userId);
    const page = openPage(context, request, { filters: { userId } });
    const rows = await listApiKeys(context.db, userId, page.after?.[0], page.limit);
    const { items, nextPageToken } = page.close(rows, (row) => [row.api_key_id]);
    return { apiKeys: items.map(toApiKey), nextPageToken, totalSize: await countApiKeys(context.db, userId) };
  },

  async revokeApiKey({ userId, apiKeyId }, context) {
    const row = await revokeApiKey(context.db, namedUser(context, userId), apiKeyId, context.clock.now());
    if (row === undefined) {
      throw new RpcError('NOT_FOUND', `there is no API key ${apiKeyId}`, { reason: 'API_KEY_NOT_FOUND' });
    }
    return { apiKey: toApiKey(row) };
  },

  async exchangeApiKey({ apiKey }, context) {
    const { key, user } = await ownerOf(context, apiKey);
    const now = context.clock.now();
    const subject = { userId: user.user_id, roles: rolesOf(user.email, context.config) };
    const proof = { apiKeyId: key.api_key_id, expireTime: key.expire_time };
    const { token, expiresAt } = await issueKeyToken(await tokenIssuer(context), subject, proof, context.config, now);
    await noteUse(context.db, key.api_key_id, now);
    return {
      accessToken: token,
      user: {
        ...subject,
        credentialKind: 'CREDENTIAL_KIND_API_KEY',
        apiKeyId: key.api_key_id,
        expireTime: expiresAt,
      },
    };
  },
};
