// Ways in: registering, logging in, refreshing, and asking what a token is worth.
// Passwords are hashed outside of transactions: no connection of the pool waits for a processor.
import { v7 } from 'uuid';
import { applicationState } from '#kit/application-state.ts';
import type { Context, UnitOfWork } from '#kit/context.ts';
import { RpcError } from '#kit/errors/rpc-error.ts';
import type { RpcHandlersOf } from '#kit/service.ts';
import type { TokenPair } from '#proto/fairlead/user/v1/user.ts';
import { readAccessToken } from '../domain/access-token.ts';
import { HashingQueue } from '../domain/hashing-queue.ts';
import { hashPassword, isPassword } from '../domain/password-hash.ts';
import { rolesOf } from '../domain/roles.ts';
import { hashSecret } from '../domain/secret.ts';
import { issueTokenPair } from '../domain/tokens.ts';
import { publishUser } from '../events.ts';
import type manifest from '../manifest.ts';
import { usableApiKey } from '../store/api-keys.ts';
import { addLogin, addRefreshToken, isLoginOpen, redeemRefreshToken } from '../store/logins.ts';
import { tokenIssuer } from '../store/token-issuer.ts';
import { addUser, toUser, type UserRow, userByEmail, userById } from '../store/users.ts';

type Unit = UnitOfWork<typeof manifest>;

const hashing = applicationState(() => new HashingQueue());

async function newPair(context: Context<typeof manifest>, { db }: Unit, user: UserRow, loginId: string) {
  const subject = { userId: user.user_id, roles: rolesOf(user.email, context.config) };
  const issuer = await tokenIssuer(context);
  const tokens = await issueTokenPair(issuer, subject, loginId, context.config, context.clock.now());
  await addRefreshToken(db, loginId, tokens.refreshHash, tokens.refreshExpireTime);
  return tokens.pair;
}

async function logIn(context: Context<typeof manifest>, unit: Unit, user: UserRow): Promise<TokenPair> {
  const loginId = v7();
  await addLogin(unit.db, loginId, user.user_id, context.clock.now());
  return newPair(context, unit, user, loginId);
}

export const logins: Pick<RpcHandlersOf<typeof manifest>, 'register' | 'login' | 'refreshToken' | 'validateToken'> = {
  async register({ email, password, displayName, locale }, context) {
    const password_hash = await hashing(context).run(() => hashPassword(password), context.signal);
    return context.transaction(async (unit) => {
      const now = context.clock.now();
      const profile = { email: email.toLowerCase(), display_name: displayName, locale, password_hash };
      const row = await addUser(unit.db, { user_id: v7(), ...profile, create_time: now, update_time: now });
      if (row === undefined) {
        throw new RpcError('ALREADY_EXISTS', 'an account with this email exists already; log in instead', {
          reason: 'EMAIL_TAKEN',
        });
      }
      await publishUser(unit, row, 'registered');
      return { user: toUser(row, context.config), tokens: await logIn(context, unit, row) };
    });
  },

  async login({ email, password }, context) {
    const row = await userByEmail(context.db, email);
    const right = await hashing(context).run(() => isPassword(password, row?.password_hash), context.signal);
    if (row === undefined || !right) {
      throw new RpcError('UNAUTHENTICATED', 'email or password is wrong', { reason: 'WRONG_CREDENTIALS' });
    }
    const tokens = await context.transaction((unit) => logIn(context, unit, row));
    return { user: toUser(row, context.config), tokens };
  },

  async refreshToken({ refreshToken }, context) {
    const result = await context.transaction(async (unit) => {
      const redeemed = await redeemRefreshToken(unit.db, hashSecret(refreshToken), context.clock.now());
      if (redeemed.outcome !== 'redeemed') return redeemed.outcome;
      const user = await userById(unit.db, redeemed.userId);
      return user === undefined ? 'refused' : newPair(context, unit, user, redeemed.loginId);
    });
    if (result === 'reused') {
      context.log.warn('a refresh token came twice; its login was ended');
      throw new RpcError('UNAUTHENTICATED', 'the refresh token was used before, so its login was ended; log in again', {
        reason: 'REFRESH_TOKEN_REUSED',
      });
    }
    if (typeof result === 'string') {
      throw new RpcError('UNAUTHENTICATED', 'the refresh token is not valid; log in again', {
        reason: 'REFRESH_TOKEN_INVALID',
      });
    }
    return { tokens: result };
  },

  async validateToken({ accessToken }, context) {
    const { FAIRLEAD_JWT_ISSUER: issuer, FAIRLEAD_JWT_AUDIENCE: audience } = context.config;
    const now = context.clock.now();
    const { keySet } = await tokenIssuer(context);
    const token = await readAccessToken(keySet, { issuer, audience, now }, accessToken);
    const user = token && (await userById(context.db, token.userId));
    if (token === undefined || user === undefined) return { valid: false };
    const known = { userId: user.user_id, roles: rolesOf(user.email, context.config), expireTime: token.expireTime };
    if ('loginId' in token.proof) {
      if (!(await isLoginOpen(context.db, token.proof.loginId))) return { valid: false };
      return { valid: true, user: { ...known, credentialKind: 'CREDENTIAL_KIND_ACCESS_TOKEN' } };
    }
    if ((await usableApiKey(context.db, token.proof, now)) === undefined) return { valid: false };
    return {
      valid: true,
      user: { ...known, credentialKind: 'CREDENTIAL_KIND_API_KEY', apiKeyId: token.proof.apiKeyId },
    };
  },
};
