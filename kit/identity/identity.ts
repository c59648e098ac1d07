// Who makes a call: the user from a verified access token, the workload from the mesh.
// A token that is sent must be valid, also where none was needed: nobody is served as somebody else than they claim.
import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { Clock } from '../clock/clock.ts';
import type { Caller, Logger, User } from '../context.ts';
import { RpcError } from '../errors/rpc-error.ts';
import type { HeaderBag } from '../telemetry/header-bag.ts';
import { forward } from './forward.ts';
import { peerIdentity } from './peer-identity.ts';
import { createKeySet } from './tokens/key-set.ts';
import { TokenCache } from './tokens/token-cache.ts';
import { tokenAlgorithm } from './tokens/token-claims.ts';

export { requestId } from './request-id.ts';

/** Options of {@link createIdentity}. */
export interface IdentityOptions {
  /** Where the public keys are read. */
  readonly jwksUri: string;
  /** The `iss` that a token must have. */
  readonly issuer: string;
  /** An `aud` that a token must have. */
  readonly audience: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Tokens that are remembered. @default 4096 */
  readonly cacheSize?: number;
  /** Looks keys up. @default - reads `jwksUri` */
  readonly keys?: JWTVerifyGetKey;
}

/** Tells who makes a call. */
export interface Identity {
  /**
   * The caller. At once when the token was verified before.
   *
   * @throws RpcError UNAUTHENTICATED when a token is malformed, forged, expired or meant for somebody else;
   *   UNAVAILABLE when the keys cannot be read
   */
  caller(headers: HeaderBag): Caller | Promise<Caller>;
  /** Hands the caller's credential, request id and routing headers on to a call made within this one. */
  forward(incoming: HeaderBag, outgoing: HeaderBag): void;
}

/** Longest token that is looked at. */
const maxTokenLength = 4096;
/** Clocks of two machines may differ by this many seconds. */
const clockTolerance = 5;

/** Makes an identity that verifies tokens with keys from the JWKS URI. */
export function createIdentity(options: IdentityOptions): Identity {
  const { issuer, audience, clock, jwksUri, log } = options;
  const keys = options.keys ?? createKeySet({ uri: jwksUri, clock, log });
  const known = new TokenCache<User>(options.cacheSize ?? 4096);
  const underWay = new Map<string, Promise<User>>();

  async function verify(authorization: string): Promise<User> {
    const token = bearerToken(authorization);
    const currentDate = clock.now();
    const { payload } = await jwtVerify(token, keys, {
      algorithms: [tokenAlgorithm],
      issuer,
      audience,
      requiredClaims: ['sub', 'exp'],
      clockTolerance,
      currentDate,
    });
    const user = claimedUser(payload);
    known.set(authorization, { value: user, expiresAt: ((payload.exp ?? 0) + clockTolerance) * 1000 });
    return user;
  }

  /** Remembered by the whole header, so that a known one is not taken apart again. */
  function userOf(authorization: string): User | Promise<User> {
    const user = known.get(authorization, clock.now().getTime());
    if (user !== undefined) return user;
    let pending = underWay.get(authorization);
    if (pending === undefined) {
      pending = verify(authorization)
        .catch((error: unknown) => {
          throw refusal(error);
        })
        .finally(() => underWay.delete(authorization));
      underWay.set(authorization, pending);
    }
    return pending;
  }

  return {
    caller(headers) {
      const peer = peerIdentity(headers.get('x-forwarded-client-cert'));
      const authorization = headers.get('authorization');
      if (authorization === undefined) return peer === undefined ? nobody : { peer };
      const user = userOf(authorization);
      const caller = (verified: User): Caller => (peer === undefined ? { user: verified } : { user: verified, peer });
      return user instanceof Promise ? user.then(caller) : caller(user);
    },
    forward,
  };
}

const nobody: Caller = {};

function bearerToken(authorization: string): string {
  const match = /^bearer +([\w.+/=-]+)$/i.exec(authorization);
  const token = match?.[1];
  if (token === undefined) {
    throw new RpcError('UNAUTHENTICATED', "the authorization header must be 'Bearer' and one access token", {
      reason: 'TOKEN_MALFORMED',
    });
  }
  if (token.length > maxTokenLength) {
    throw new RpcError('UNAUTHENTICATED', `the access token is longer than ${maxTokenLength} characters`, {
      reason: 'TOKEN_MALFORMED',
    });
  }
  return token;
}

function claimedUser({ sub, roles, credential, api_key_id }: JWTPayload): User {
  const known = Array.isArray(roles) && roles.every((role) => typeof role === 'string');
  if (typeof sub !== 'string' || sub === '' || !known) throw new errors.JWTInvalid('sub and roles are needed');
  return {
    id: sub,
    roles,
    credential: credential === 'api_key' ? 'api_key' : 'access_token',
    ...(typeof api_key_id === 'string' ? { apiKeyId: api_key_id } : {}),
  };
}

function refusal(error: unknown): RpcError {
  if (RpcError.is(error)) return error;
  if (error instanceof errors.JWTExpired) {
    return new RpcError('UNAUTHENTICATED', 'the access token has expired; refresh it or log in again', {
      reason: 'TOKEN_EXPIRED',
      cause: error,
    });
  }
  // Which check failed is for the log: a forger learns nothing from the answer.
  return new RpcError('UNAUTHENTICATED', 'the access token is not valid', { reason: 'TOKEN_INVALID', cause: error });
}
