// Ways in: registering, logging in, refreshing, and asking what a token is worth.
// Passwords are hashed two at a time, and outside of transactions: no connection of the pool waits for a processor.
import { v7 } from 'uuid';
import {
  applicationState,
  type Context,
  milliseconds,
  RpcError,
  type RpcHandlersOf,
  Turnstile,
  type UnitOfWork,
} from '#kit';
import { hashPassword, isPassword } from '#kit/identity/password-hash.ts';
import { hashSecret, newSecret } from '#kit/identity/secret.ts';
import { rolesOf } from '../domain/roles.ts';
import type manifest from '../manifest.ts';
import { publishUser } from '../publish-user.ts';
import { usableApiKey } from '../store/api-keys.ts';
import { addRefreshToken, isLoginOpen, openLogin, redeemRefreshToken } from '../store/logins.ts';
import { tokenIssuer } from '../store/token-issuer.ts';
import { addUser, toUser, toUserContext, type UserRow, userByEmail, userById } from '../store/users.ts';

const accessLifetime = '10m';
const refreshLifetimeMs = milliseconds('720h');

/** A hash takes much memory and one of the four threads that Node has for such work. */
const hashing = applicationState(() => new Turnstile({ atOnce: 2, waiting: 200 }));

/** The next pair of tokens of a login. */
async function newPair(
  context: Context<typeof manifest>,
  unit: UnitOfWork<typeof manifest>,
  user: UserRow,
  sid: string,
) {
  const claims = { sub: user.user_id, roles: rolesOf(user.email, context.config), sid };
  const access = await (await tokenIssuer(context)).issue(claims, accessLifetime);
  const refreshToken = newSecret();
  const refreshExpireTime = new Date(context.clock.now().getTime() + refreshLifetimeMs);
  await addRefreshToken(unit.db, sid, hashSecret(refreshToken), refreshExpireTime);
  return { accessToken: access.token, accessExpireTime: access.expiresAt, refreshToken, refreshExpireTime };
}

export const logins: Pick<RpcHandlersOf<typeof manifest>, 'register' | 'login' | 'refreshToken' | 'validateToken'> = {
  async register({ email, password, displayName, locale }, context) {
    const { USER_PASSWORD_COST: cost } = context.config;
    const hash = await hashing(context).run(() => hashPassword(password, cost), context.signal);
    return context.transaction(async (unit) => {
      const profile = { email: email.toLowerCase(), display_name: displayName, locale, password_hash: hash };
      const row = await addUser(unit.db, v7(), profile, context.clock.now());
      if (row === undefined) {
        throw new RpcError('ALREADY_EXISTS', 'an account with this email exists already; log in instead', {
          reason: 'EMAIL_TAKEN',
        });
      }
      await publishUser(unit, row, 'registered');
      const loginId = await openLogin(unit.db, row.user_id, context.clock.now());
      return { user: toUser(row, context.config), tokens: await newPair(context, unit, row, loginId) };
    });
  },

  async login({ email, password }, context) {
    const row = await userByEmail(context.db, email);
    const { USER_PASSWORD_COST: cost } = context.config;
    const right = await hashing(context).run(() => isPassword(password, row?.password_hash, cost), context.signal);
    if (row === undefined || !right) {
      throw new RpcError('UNAUTHENTICATED', 'email or password is wrong', { reason: 'WRONG_CREDENTIALS' });
    }
    return context.transaction(async (unit) => {
      const loginId = await openLogin(unit.db, row.user_id, context.clock.now());
      return { user: toUser(row, context.config), tokens: await newPair(context, unit, row, loginId) };
    });
  },

  async refreshToken({ refreshToken }, context) {
    // A reused token ends its login: that has to be committed before it is told.
    const result = await context.transaction(async (unit) => {
      const login = await redeemRefreshToken(unit.db, hashSecret(refreshToken), context.clock.now());
      if (typeof login === 'string') return login;
      const user = await userById(unit.db, login.user_id);
      return user === undefined ? 'INVALID' : newPair(context, unit, user, login.login_id);
    });
    if (typeof result !== 'string') return { tokens: result };
    const told = result === 'REUSED' ? 'was used before, so its login was ended' : 'is not valid';
    throw new RpcError('UNAUTHENTICATED', `the refresh token ${told}; log in again`, {
      reason: `REFRESH_TOKEN_${result}`,
    });
  },

  async validateToken({ accessToken }, context) {
    const claims = await (await tokenIssuer(context)).read(accessToken);
    const user = claims && (await userById(context.db, claims.sub));
    if (claims === undefined || user === undefined) return { valid: false };
    const { api_key_id: apiKeyId, sid = '' } = claims;
    const open = apiKeyId
      ? await usableApiKey(context.db, { apiKeyId }, context.clock.now())
      : await isLoginOpen(context.db, sid);
    return open
      ? { valid: true, user: toUserContext(user, context.config, claims.expiresAt, apiKeyId) }
      : { valid: false };
  },
};
