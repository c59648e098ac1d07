// A gateway on a free port with stand-ins for the services that a test needs, all of them real servers and clients.
// A service without a stand-in is not there: calls to it find nobody, as when it is down.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '#kit/clock/system-clock.ts';
import type { Context } from '#kit/context.ts';
import { loadContract } from '#kit/contract/contract.ts';
import type { ContractName, HandlersOf } from '#kit/contract/shapes.ts';
import { RpcError } from '#kit/errors/rpc-error.ts';
import type { TokenClaims } from '#kit/identity/tokens/token-claims.ts';
import {
  createTokenIssuer,
  generateSigningKey,
  type TokenIssuer,
  type TokenIssuerOptions,
} from '#kit/identity/tokens/token-issuer.ts';
import type { ServiceManifest } from '#kit/manifest.ts';
import { type RunningService, startService } from '#kit/run/start-service.ts';
import type { Service } from '#kit/service.ts';
import { transportUnderTest } from '#kit/testing/transport-under-test.ts';
import manifest from './manifest.ts';
import gateway from './service.ts';

type CalledName = keyof (typeof manifest)['calls'];
type ContractOf<N extends CalledName> = (typeof manifest)['calls'][N]['contract'];

/** Handlers of stand-ins by service; those of a service that are left out answer UNIMPLEMENTED. */
export type StandIns = { readonly [N in CalledName]?: Partial<HandlersOf<ContractOf<N>, Context>> };

/** A gateway under test. */
export interface TestGateway {
  /** `http://127.0.0.1:12345` */
  readonly url: string;
  readonly tokens: TokenIssuer;
  /** Where the keys of tokens are read: `127.0.0.1:12345`. */
  readonly keysAt: string;
  /** An issuer with the key that the gateway trusts, and something else that is wrong. */
  issuerWith(wrong: Partial<TokenIssuerOptions>): Promise<TokenIssuer>;
  /** Lines that the gateway logged. */
  readonly lines: readonly string[];
  readonly running: RunningService;
  /** An access token of a user. */
  token(claims?: Partial<TokenClaims>): Promise<string>;
  /** Sends a request with a fresh token unless told otherwise. */
  send(method: string, path: string, options?: SendOptions): Promise<Answer>;
  /** Ends a stand-in. */
  stopService(name: CalledName): Promise<void>;
  stop(): Promise<void>;
}

/** What a test sends beside method and path. */
export interface SendOptions {
  /** Sent as JSON; text is sent as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** @default true */
  readonly login?: boolean;
}

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads JSON of any shape
  readonly json: any;
}

export const userId = '0190a0b0-0000-7000-8000-000000000001';
const issuer = 'https://fairlead.example/';
const audience = 'fairlead';

/** Starts the stand-ins and the gateway. `env` adds to the gateway's environment. */
export async function startGateway(
  standIns: StandIns,
  env: Readonly<Record<string, string>> = {},
): Promise<TestGateway> {
  const right: TokenIssuerOptions = { privateKeys: [generateSigningKey()], issuer, audience, clock: systemClock };
  const tokens = await createTokenIssuer(right);
  const keys = createServer((_request, response) => response.end(JSON.stringify(tokens.keySet)));
  await new Promise<void>((resolve) => keys.listen(0, '127.0.0.1', resolve));
  const keysAt = `127.0.0.1:${(keys.address() as AddressInfo).port}`;
  const shared = {
    FAIRLEAD_LISTEN: '127.0.0.1:0',
    FAIRLEAD_ADMIN_LISTEN: '127.0.0.1:0',
    FAIRLEAD_TRANSPORT: transportUnderTest,
    FAIRLEAD_JWKS_URI: `http://${keysAt}/`,
    LOG_LEVEL: 'info',
  };
  const started = new Map<string, RunningService>();
  const endpoints: Record<string, string> = {};
  for (const name of Object.keys(manifest.calls)) endpoints[name] = '127.0.0.1:1';
  for (const [name, handlers] of Object.entries(standIns)) {
    const { contract } = manifest.calls[name as CalledName];
    const service = await startService(standIn(name, contract, handlers), { env: shared, stdout: { write: () => {} } });
    endpoints[name] = service.address;
    started.set(name, service);
  }
  const lines: string[] = [];
  const running = await startService(gateway, {
    env: { ...shared, GATEWAY_LISTEN: '127.0.0.1:0', ...env },
    endpoints,
    stdout: { write: (line) => lines.push(line) },
  });
  const url = running.edgeAddress;
  const token = async (claims: Partial<TokenClaims> = {}): Promise<string> =>
    (await tokens.issue({ sub: userId, roles: ['customer'], ...claims }, '10m')).token;
  return {
    url,
    tokens,
    keysAt,
    issuerWith: (wrong) => createTokenIssuer({ ...right, ...wrong }),
    lines,
    running,
    token,
    async send(method, path, { body, headers = {}, login = true } = {}) {
      const response = await fetch(url + path, {
        method,
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(login ? { authorization: `Bearer ${await token()}` } : {}),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, json: text === '' ? undefined : parse(text) };
    },
    stopService: async (name) => started.get(name)?.stop(),
    async stop() {
      await running.stop();
      await Promise.all([...started.values()].map((service) => service.stop()));
      await new Promise((resolve) => {
        keys.close(resolve);
        keys.closeAllConnections();
      });
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function standIn(name: string, contract: ContractName, handlers: object): Service {
  const unimplemented = loadContract(contract).methods.map(({ handlerName, rpc }) => [
    handlerName,
    () => {
      throw new RpcError('UNIMPLEMENTED', `the stand-in has no ${rpc}`);
    },
  ]);
  const declared: ServiceManifest = { name, contract, description: 'Stands in for a service in tests.' };
  return { manifest: declared, handlers: { ...Object.fromEntries(unimplemented), ...handlers }, hooks: {} } as Service;
}
