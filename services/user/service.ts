// The user service: accounts, logins and API keys.
// Its keys are read before it serves, so that a bad signing key stops the start instead of the first login.
import { implement, repeat } from '#kit';
import { accounts } from './handlers/accounts.ts';
import { apiKeys } from './handlers/api-keys.ts';
import { logins } from './handlers/logins.ts';
import manifest from './manifest.ts';
import { removeExpired } from './store/logins.ts';
import { tokenIssuer } from './store/token-issuer.ts';

export default implement(
  manifest,
  {
    ...logins,
    ...accounts,
    ...apiKeys,
    async getJsonWebKeySet(_request, context) {
      const { keySet } = await tokenIssuer(context);
      return keySet;
    },
  },
  {
    start: async (application) => {
      await tokenIssuer(application);
      void repeat(application, { name: 'removal of expired logins', every: '1h' }, async () => {
        await removeExpired(application.db, application.clock.now());
        return false;
      });
    },
    admin: { '/.well-known/jwks.json': async (application) => (await tokenIssuer(application)).keySet },
  },
);
