// Logins and their refresh tokens (RFC 9700, 4.14): each token is good once and replaced by the next one.
// A token that comes a second time was copied: the whole login ends, since nobody can tell who holds the copy.
// They are kept in the tables of the service that has the accounts:
//   create table logins (login_id uuid primary key, user_id uuid, create_time timestamptz, revoke_time timestamptz)
//   create table refresh_tokens (token_hash bytea primary key, login_id uuid references logins on delete cascade,
//                                expire_time timestamptz, use_time timestamptz)
import { type Kysely, sql } from 'kysely';
import { v7 } from 'uuid';
import { type Duration, milliseconds } from '../../duration.ts';
import { RpcError } from '../../errors/rpc-error.ts';
import { hashSecret, newSecret } from '../secret.ts';
import type { TokenClaims } from '../tokens/token-claims.ts';
import { type IssuingApplication, issuerOf } from './issuer-of.ts';

/** What a client holds of its login. */
export interface TokenPair {
  readonly accessToken: string;
  readonly accessExpireTime: Date;
  readonly refreshToken: string;
  readonly refreshExpireTime: Date;
}

/** Who is logged in. */
export type Claims = Pick<TokenClaims, 'sub' | 'roles'>;

const accessLifetime: Duration = '10m';
const refreshLifetimeMs = milliseconds('720h');

async function nextPair<T>(
  application: IssuingApplication,
  db: Kysely<T>,
  loginId: string,
  claims: Claims,
): Promise<TokenPair> {
  const issuer = await issuerOf(application);
  const access = await issuer.issue({ ...claims, sid: loginId }, accessLifetime);
  const refreshToken = newSecret();
  const refreshExpireTime = new Date(application.clock.now().getTime() + refreshLifetimeMs);
  await sql`insert into refresh_tokens (token_hash, login_id, expire_time)
    values (${hashSecret(refreshToken)}, ${loginId}, ${refreshExpireTime})`.execute(db);
  return { accessToken: access.token, accessExpireTime: access.expiresAt, refreshToken, refreshExpireTime };
}

/** Opens a login, in a unit of work. */
export async function openLogin<T>(application: IssuingApplication, db: Kysely<T>, claims: Claims): Promise<TokenPair> {
  const loginId = v7();
  await sql`insert into logins (login_id, user_id, create_time)
    values (${loginId}, ${claims.sub}, ${application.clock.now()})`.execute(db);
  return nextPair(application, db, loginId, claims);
}

interface Found {
  readonly id: string;
  readonly userId: string;
  readonly state: 'GOOD' | 'REUSED' | 'INVALID';
}

/** Uses a refresh token up, or ends its login when it was used before. */
async function redeem<T>(db: Kysely<T>, hash: Buffer, now: Date): Promise<Found | undefined> {
  const { rows } = await sql<Found>`
    select login_id as id, user_id as "userId",
           case when revoke_time is not null then 'INVALID' when use_time is not null then 'REUSED'
                when expire_time <= ${now} then 'INVALID' else 'GOOD' end as state
    from refresh_tokens join logins using (login_id) where token_hash = ${hash} for update`.execute(db);
  const [found] = rows;
  if (found?.state === 'REUSED') {
    await sql`update logins set revoke_time = ${now} where login_id = ${found.id}`.execute(db);
  }
  if (found?.state === 'GOOD') {
    await sql`update refresh_tokens set use_time = ${now} where token_hash = ${hash}`.execute(db);
  }
  return found;
}

/**
 * Exchanges a refresh token for the next pair.
 *
 * @param claimsOf who the user is now; undefined when there is no such user any more
 * @throws RpcError UNAUTHENTICATED with reason REFRESH_TOKEN_INVALID or REFRESH_TOKEN_REUSED
 */
export async function refreshLogin<T>(
  application: IssuingApplication & {
    transaction<R>(work: (unit: { readonly db: Kysely<T> }) => Promise<R>): Promise<R>;
  },
  refreshToken: string,
  claimsOf: (db: Kysely<T>, userId: string) => Promise<Claims | undefined>,
): Promise<TokenPair> {
  // A reused token ends its login: that has to be committed before it is told.
  const result = await application.transaction(async ({ db }) => {
    const login = await redeem(db, hashSecret(refreshToken), application.clock.now());
    if (login?.state !== 'GOOD') return login?.state ?? 'INVALID';
    const claims = await claimsOf(db, login.userId);
    return claims === undefined ? 'INVALID' : nextPair(application, db, login.id, claims);
  });
  if (typeof result !== 'string') return result;
  const told = result === 'REUSED' ? 'was used before, so its login was ended' : 'is not valid';
  const reason = `REFRESH_TOKEN_${result}`;
  throw new RpcError('UNAUTHENTICATED', `the refresh token ${told}; log in again`, { reason });
}

/** True until the login is revoked. */
export async function isLoginOpen<T>(db: Kysely<T>, loginId: string): Promise<boolean> {
  const open = await sql`select from logins where login_id = ${loginId} and revoke_time is null`.execute(db);
  return open.rows.length > 0;
}

/** Removes refresh tokens that have expired, and logins that have none left. */
export async function removeExpiredLogins<T>(db: Kysely<T>, now: Date): Promise<void> {
  await sql`delete from refresh_tokens where expire_time <= ${now}`.execute(db);
  await sql`delete from logins where create_time <= ${now}
    and login_id not in (select login_id from refresh_tokens)`.execute(db);
}
