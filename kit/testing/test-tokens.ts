// Access tokens for tests: signed by a key of the test, whose public half the service under test reads like any other.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { v7 as uuid } from 'uuid';
import type { Clock } from '../clock/clock.ts';
import type { TokenClaims } from '../identity/tokens/token-claims.ts';
import { createTokenIssuer, generateSigningKey } from '../identity/tokens/token-issuer.ts';

/** A user to call as. */
export interface TestUser {
  /** @default - a new UUIDv7 */
  readonly id?: string;
  /** @default ['customer'] */
  readonly roles?: readonly string[];
  /** @default 'access_token' */
  readonly credential?: 'access_token' | 'api_key';
}

/** How a token differs from a good one. */
export interface MintOptions {
  /** Its lifetime ended an hour ago. @default false */
  readonly expired?: boolean;
}

/** Mints tokens and serves their keys. */
export interface TestTokens {
  /** Environment with which a service trusts these tokens. */
  readonly env: Readonly<Record<string, string>>;
  mint(user: TestUser, options?: MintOptions): Promise<string>;
  stop(): Promise<void>;
}

const issuer = 'https://fairlead.example/';
const audience = 'fairlead';

/** Makes a key and serves its public half on loopback. */
export async function startTestTokens(clock: Clock): Promise<TestTokens> {
  const privateKeys = [generateSigningKey()];
  const tokens = await createTokenIssuer({ privateKeys, issuer, audience, clock });
  const earlier: Clock = { ...clock, now: () => new Date(clock.now().getTime() - 2 * 3_600_000) };
  const expired = await createTokenIssuer({ privateKeys, issuer, audience, clock: earlier });
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(tokens.keySet));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  const { port } = server.address() as AddressInfo;
  return {
    env: {
      FAIRLEAD_JWKS_URI: `http://127.0.0.1:${port}/.well-known/jwks.json`,
      FAIRLEAD_JWT_ISSUER: issuer,
      FAIRLEAD_JWT_AUDIENCE: audience,
    },
    async mint({ id = uuid(), roles = ['customer'], credential }, options = {}) {
      const claims: TokenClaims = { sub: id, roles, ...(credential === undefined ? {} : { credential }) };
      return (await (options.expired ? expired : tokens).issue(claims, '1h')).token;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
