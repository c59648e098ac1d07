// The user service: accounts, logins and API keys.
// Its keys are read before it serves, so that a bad signing key stops the start instead of the first login.
import { implement } from '#kit/service.ts';
import { accounts } from './handlers/accounts.ts';
import { apiKeys } from './handlers/api-keys.ts';
import { logins } from './handlers/logins.ts';
import manifest from './manifest.ts';
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
    },
    admin: { '/.well-known/jwks.json': async (application) => (await tokenIssuer(application)).keySet },
  },
);
