// Who sends a request: a bearer token, an API key, or nobody. One credential a request, and it must be valid.
// After an API key was exchanged, the request's headers carry the token, so that services see one kind of credential.

import type { Caller } from '../../context.ts';
import { RpcError } from '../../errors/rpc-error.ts';
import type { Identity } from '../../identity/identity.ts';
import type { HeaderBag } from '../../telemetry/header-bag.ts';
import type { ApiKeys } from './api-keys.ts';

/** Tells who sends a request. */
export interface Credentials {
  /** @throws RpcError UNAUTHENTICATED */
  caller(headers: HeaderBag): Promise<Caller>;
}

/** Checks bearer tokens with `identity` and API keys with `apiKeys`. */
export function createCredentials(identity: Identity, apiKeys: ApiKeys): Credentials {
  return {
    async caller(headers) {
      const key = headers.get('x-api-key');
      if (key === undefined) return await identity.caller(headers);
      if (headers.get('authorization') !== undefined) {
        throw new RpcError('UNAUTHENTICATED', 'send an access token or an API key, not both', {
          reason: 'CREDENTIAL_AMBIGUOUS',
        });
      }
      headers.set('authorization', `Bearer ${await apiKeys.token(key)}`);
      const { user, ...caller } = await identity.caller(headers);
      return user === undefined ? caller : { ...caller, user: { ...user, credential: 'api_key' } };
    },
  };
}
