// The user service: accounts, logins and API keys.
// Its keys are read before it serves, so that a bad signing key stops the start instead of the first login.
import { isDeepStrictEqual } from 'node:util';
import {
  applyReadMask,
  applyUpdateMask,
  checkEtag,
  implement,
  json,
  milliseconds,
  namedUser,
  RpcError,
  repeat,
} from '#kit';
import { isUniqueViolation } from '#kit/database/database-error.ts';
import { addApiKey, isApiKeyUsable, listApiKeys, proveApiKey, revokeApiKey } from '#kit/identity/accounts/api-keys.ts';
import { issuerOf } from '#kit/identity/accounts/issuer-of.ts';
import { isLoginOpen, openLogin, refreshLogin, removeExpiredLogins } from '#kit/identity/accounts/logins.ts';
import { hasHash, hashOf } from '#kit/identity/accounts/passwords.ts';
import { profileOf } from './domain/profile.ts';
import manifest from './manifest.ts';
import { claimsOf, toUser, toUserContext, userByEmail, users } from './store/users.ts';

const keyTokenMs = milliseconds('10m');

export default implement(
  manifest,
  {
    async register({ email: given, password, displayName, locale }, context) {
      const email = given.toLowerCase();
      const row = { email, displayName, locale, passwordHash: await hashOf(context, password) };
      const registering = context.transaction(async (unit) => {
        const user = await users.create(unit, row, { registered: { email, displayName, locale } });
        const tokens = await openLogin(context, unit.db, claimsOf(user, context.config));
        return { user: toUser(user, context.config), tokens };
      });
      return registering.catch((error: unknown) => {
        if (!isUniqueViolation(error, 'users_email')) throw error;
        throw new RpcError('ALREADY_EXISTS', 'an account with this email exists already; log in instead', {
          reason: 'EMAIL_TAKEN',
        });
      });
    },

    async login({ email, password }, context) {
      const row = await userByEmail(context.db, email);
      const right = await hasHash(context, password, row?.passwordHash);
      if (row === undefined || !right) {
        throw new RpcError('UNAUTHENTICATED', 'email or password is wrong', { reason: 'WRONG_CREDENTIALS' });
      }
      const tokens = await context.transaction(({ db }) => openLogin(context, db, claimsOf(row, context.config)));
      return { user: toUser(row, context.config), tokens };
    },

    async refreshToken({ refreshToken }, context) {
      const tokens = await refreshLogin(context, refreshToken, async (db, userId) => {
        const user = await users.find(db, userId);
        return user && claimsOf(user, context.config);
      });
      return { tokens };
    },

    async validateToken({ accessToken }, context) {
      const claims = await (await issuerOf(context)).read(accessToken);
      const user = claims && (await users.find(context.db, claims.sub));
      if (claims === undefined || user === undefined) return { valid: false };
      const { api_key_id: apiKeyId, sid = '', expiresAt } = claims;
      const valid = apiKeyId
        ? await isApiKeyUsable(context.db, apiKeyId, context.clock.now())
        : await isLoginOpen(context.db, sid);
      return valid ? { valid, user: toUserContext(user, context.config, expiresAt, apiKeyId) } : { valid };
    },

    async getUser({ userId, readMask }, context) {
      const row = await users.get(context.db, namedUser(context, userId));
      return { user: applyReadMask(toUser(row, context.config), readMask) };
    },

    async updateUser({ userId, user: given, updateMask }, context) {
      const id = namedUser(context, userId);
      return context.transaction(async (unit) => {
        const row = await users.lock(unit.db, id);
        const present = toUser(row, context.config);
        const before = profileOf(row);
        const profile = applyUpdateMask(before, profileOf(given ?? row), updateMask);
        // A change that changes nothing is none: repeated, it neither fails on its etag nor tells anybody.
        if (isDeepStrictEqual(profile, before)) return { user: present };
        checkEtag(given?.etag ?? '', present.etag);
        const { shippingAddress, ...told } = profile;
        const patch = { ...told, shippingAddress: shippingAddress && json(shippingAddress) };
        const changed = await users.change(unit, id, patch, { updated: { ...told, email: row.email } });
        return { user: toUser(changed, context.config) };
      });
    },

    async createApiKey({ userId, displayName, expireTime }, context) {
      // Staff may look at others' keys and revoke them, but not make any.
      if (namedUser(context, userId) !== context.user().id) {
        throw new RpcError('PERMISSION_DENIED', 'an API key is made by its user only, because it acts as that user', {
          reason: 'NOT_THE_USER',
        });
      }
      // A token may outlive its account, for example where a backup was restored.
      const owner = await users.get(context.db, context.user().id);
      const key = { userId: owner.userId, displayName, expireTime };
      return addApiKey(context.db, key, context.clock.now());
    },

    async listApiKeys(request, context) {
      const userId = namedUser(context, request.userId);
      const { rows: apiKeys, ...page } = await listApiKeys(context, context.db, request, userId);
      return { apiKeys, ...page };
    },

    async revokeApiKey({ userId, apiKeyId }, context) {
      const owner = namedUser(context, userId);
      return { apiKey: await revokeApiKey(context.db, owner, apiKeyId, context.clock.now()) };
    },

    async exchangeApiKey({ apiKey }, context) {
      const now = context.clock.now();
      const { apiKeyId, userId, expireTime } = await proveApiKey(context.db, apiKey, now);
      const user = await users.get(context.db, userId);
      // The token ends no later than the key.
      const lifetime = Math.min(keyTokenMs, (expireTime?.getTime() ?? Number.POSITIVE_INFINITY) - now.getTime());
      const claims = { ...claimsOf(user, context.config), api_key_id: apiKeyId, credential: 'api_key' } as const;
      const { token, expiresAt } = await (await issuerOf(context)).issue(claims, `${lifetime}ms`);
      return { accessToken: token, user: toUserContext(user, context.config, expiresAt, apiKeyId) };
    },

    async getJsonWebKeySet(_request, context) {
      return (await issuerOf(context)).keySet;
    },
  },
  {
    async start(application) {
      await issuerOf(application);
      const round = { name: 'removal of expired logins', every: '1h' } as const;
      void repeat(application, round, () => removeExpiredLogins(application.db, application.clock.now()));
    },
    admin: { '/.well-known/jwks.json': async (application) => (await issuerOf(application)).keySet },
  },
);
