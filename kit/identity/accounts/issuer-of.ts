// The token issuer of a running service: with the configured keys, or with one that is made once and kept in its database.
// Replicas that start together on an empty database agree on one key, because only one row fits into the table:
//   create table signing_keys (one boolean primary key default true check (one), private_key text, create_time timestamptz)
import { sql } from 'kysely';
import { applicationState } from '../../application-state.ts';
import type { Application } from '../../context.ts';
import { createTokenIssuer, generateSigningKey, splitKeys } from '../tokens/token-issuer.ts';

/** What an issuer is made from. */
export interface IssuingApplication extends Pick<Application, 'clock' | 'log'> {
  readonly db: unknown;
  readonly config: {
    readonly FAIRLEAD_JWT_ISSUER: string;
    readonly FAIRLEAD_JWT_AUDIENCE: string;
    readonly USER_SIGNING_KEY: string;
  };
}

async function keptKey({ db, clock, log }: IssuingApplication): Promise<string> {
  log.warn('USER_SIGNING_KEY is not set: access tokens are signed with a key from the database');
  const database = db as Application['db'];
  await sql`insert into signing_keys (private_key, create_time) values (${generateSigningKey()}, ${clock.now()})
    on conflict do nothing`.execute(database);
  const { rows } = await sql<{ key: string }>`select private_key as key from signing_keys`.execute(database);
  return rows[0]?.key ?? '';
}

/**
 * The issuer, with its keys read once.
 *
 * @throws Error that names USER_SIGNING_KEY, and never its value, when that holds no Ed25519 key
 */
export const issuerOf = applicationState(async (application: IssuingApplication) => {
  const { FAIRLEAD_JWT_ISSUER: issuer, FAIRLEAD_JWT_AUDIENCE: audience, USER_SIGNING_KEY } = application.config;
  const { clock } = application;
  const privateKeys = USER_SIGNING_KEY === '' ? [await keptKey(application)] : splitKeys(USER_SIGNING_KEY);
  return createTokenIssuer({ privateKeys, issuer, audience, clock }).catch(() => {
    // The cause may quote the key.
    throw new Error(
      'USER_SIGNING_KEY holds no Ed25519 private key in PEM (PKCS #8); make one with: openssl genpkey -algorithm ed25519',
    );
  });
});
