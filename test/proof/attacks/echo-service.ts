// A service of the kit to be attacked: started as any service is, with health, identity, telemetry and admin port, on the
// transport that FAIRLEAD_TRANSPORT names. Its bounds on time are short, so that a test sees them.

import type { ServiceManifest } from '#kit/manifest.ts';
import { type RunningService, startService } from '#kit/run/start-service.ts';
import { echoContracts } from '#kit/server/fixtures/echo-server.ts';
import type { Service } from '#kit/service.ts';

export const echoPaths = {
  echo: '/fixtures.echo.v1.EchoService/Say',
  hold: '/fixtures.echo.v1.EchoService/Chat',
  sink: '/fixtures.echo.v1.EchoService/Sum',
  endless: '/fixtures.echo.v1.EchoService/Count',
} as const;

const manifest = {
  name: 'echo',
  contract: 'fixtures.echo.v1.EchoService',
  description: 'Says what it is told.',
  limits: {
    Say: { maxDuration: '2s', maxRequestBytes: 4 * 1024 * 1024 },
    Sum: { maxDuration: '2s', maxRequestBytes: 4 * 1024 * 1024 },
    Count: { maxDuration: '2s' },
  },
} as unknown as ServiceManifest;

const padding = Buffer.alloc(100_000);
const service = {
  manifest,
  handlers: {
    say: async (request: object) => ({ echo: request }),
    sum: async (requests: AsyncIterable<object>) => {
      for await (const _request of requests);
      return {};
    },
    async *count() {
      for (let number = 0; number < 1_000; number++) yield { number, padding };
    },
    async *chat(requests: AsyncIterable<object>) {
      for await (const request of requests) yield { echo: request };
    },
    mine: async () => ({}),
    staff: async () => ({}),
  },
  hooks: {},
} as unknown as Service;

/** @param listen `host:port` or `unix:/path` */
export function startEchoService(listen: string): Promise<RunningService> {
  const { FAIRLEAD_TRANSPORT } = process.env;
  return startService(service, {
    env: {
      FAIRLEAD_LISTEN: listen,
      FAIRLEAD_ADMIN_LISTEN: '127.0.0.1:0',
      FAIRLEAD_JWKS_URI: 'http://127.0.0.1:1/',
      LOG_LEVEL: 'silent',
      ...(FAIRLEAD_TRANSPORT && { FAIRLEAD_TRANSPORT }),
    },
    contracts: echoContracts,
  });
}
