// The token issuer of this process: with the configured keys, or with one that is made once and kept in the database.
// Replicas that start together on an empty database agree on one key, because only one row fits.

import { applicationState } from '#kit/application-state.ts';
import type { Application } from '#kit/context.ts';
import { createTokenIssuer, generateSigningKey, splitKeys } from '#kit/identity/token-issuer.ts';
import type manifest from '../manifest.ts';

type User = Pick<Application<typeof manifest>, 'config' | 'db' | 'clock' | 'log'>;

async function keptKey({ db, clock, log }: User): Promise<string> {
  log.warn('USER_SIGNING_KEY is not set: access tokens are signed with a key from the database');
  await db
    .insertInto('signing_keys')
    .values({ private_key: generateSigningKey(), create_time: clock.now() })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const { private_key } = await db.selectFrom('signing_keys').select('private_key').executeTakeFirstOrThrow();
  return private_key;
}

/**
 * The issuer, with its keys read once.
 *
 * @throws Error that names USER_SIGNING_KEY, and never its value, when that holds no Ed25519 key
 */
export const tokenIssuer = applicationState(async (application: User) => {
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
