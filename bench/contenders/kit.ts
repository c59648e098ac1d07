// The kit with everything on: `buf.validate` rules, deadlines, a verified JWT (remembered after its first call), metrics,
// traces of which a tenth is sampled and sent to a collector, logs at their default level. FAIRLEAD_TRANSPORT chooses what is below.
import { fileURLToPath } from 'node:url';
import { CallScope } from '../../kit/calls/call-scope.ts';
import { clientsClass } from '../../kit/client/clients-class.ts';
import { systemClock } from '../../kit/clock/system-clock.ts';
import { kitVariables } from '../../kit/config/kit-variables.ts';
import { readConfig } from '../../kit/config/read-config.ts';
import { ContractSource } from '../../kit/contract/contract-source.ts';
import { forward } from '../../kit/identity/forward.ts';
import { implement } from '../../kit/index.ts';
import type { ServiceManifest } from '../../kit/manifest.ts';
import { loadTransport } from '../../kit/run/load-transport.ts';
import { startService } from '../../kit/run/start-service.ts';
import { headerBag } from '../../kit/telemetry/header-bag.ts';
import { createTelemetry } from '../../kit/telemetry/telemetry.ts';
import { startTestTokens } from '../../kit/testing/test-tokens.ts';
import {
  boardRequest,
  converseRequest,
  entries,
  first,
  leaderboards,
  roundTrips,
  scoreRequest,
  streamRequest,
} from '../workload.ts';

// The contract of the benchmark is none of the platform's, so that no generated type names it.
const contract = 'fairlead.bench.v1.BenchService' as string as NonNullable<ServiceManifest['contract']>;
const contracts = ContractSource.ofFolder(fileURLToPath(new URL('../proto', import.meta.url)));
const manifest = { name: 'bench', contract, description: 'What every contender of a benchmark serves.' };
/** Lines at `info` are written and looked at by nobody; what went wrong is for the person. */
const sink = {
  write: (line: string) => {
    if (!line.includes('"level":"info"')) process.stderr.write(line);
  },
};

type Sized = { readonly size: number; readonly board: string };

/** Name of the board whose stream does not end. */
const live = 'live';
const updateEveryMs = 10;
/** Microseconds since the epoch, finer than a Date. */
const clock = (): number => Math.round((performance.timeOrigin + performance.now()) * 1000);

const handlers = {
  getScore: async () => ({ entry: first }),
  getLeaderboard: async ({ size }: Sized) => ({ entries: leaderboards.get(size) }),
  async *streamScores({ size, board }: Sized) {
    while (board === live) {
      await new Promise((resolve) => setTimeout(resolve, updateEveryMs));
      yield { entry: { ...first, score: clock() } };
    }
    for (let index = 0; index < size; index++) yield { entry: entries[index] };
  },
  async *converse(requests: AsyncIterable<object>) {
    for await (const _ of requests) yield { entry: first };
  },
};

export async function serve(): Promise<{ port: number; token: string }> {
  const tokens = await startTestTokens(systemClock);
  const own = { FAIRLEAD_LISTEN: '127.0.0.1:0', FAIRLEAD_ADMIN_LISTEN: '127.0.0.1:0' };
  const { address } = await startService(implement(manifest, handlers as never), {
    env: { ...process.env, ...own, ...tokens.env },
    contracts,
    stdout: sink,
  });
  const token = await tokens.mint({ roles: ['partner'] });
  return { port: Number(address.split(':').at(-1)), token };
}

type Client = Readonly<Record<'getScore' | 'getLeaderboard', (request: object) => Promise<object>>> &
  Readonly<Record<'streamScores', (request: object) => AsyncIterable<object>>> &
  Readonly<Record<'converse', (requests: AsyncIterable<object>) => AsyncIterable<object>>>;

export async function connect(server: {
  port: number;
  token: string;
}): Promise<Record<string, () => Promise<unknown>>> {
  const variables = readConfig(kitVariables, process.env);
  const telemetry = await createTelemetry({
    service: 'caller',
    version: 'v1',
    logLevel: 'info',
    otlpEndpoint: variables.OTEL_EXPORTER_OTLP_ENDPOINT,
    sampleRatio: 0.1,
    stdout: sink,
  });
  const { openChannel } = await loadTransport(variables.FAIRLEAD_TRANSPORT);
  const { Clients } = clientsClass({
    openChannel,
    recorder: telemetry.client,
    forward,
    calls: { bench: { contract, methods: ['GetScore', 'GetLeaderboard', 'StreamScores', 'Converse'] } },
    userAgent: 'fairlead-caller/v1',
    namespace: 'fairlead',
    domain: 'cluster.local',
    endpoints: { bench: `127.0.0.1:${server.port}` },
    contracts,
  });
  // Each call begins a trace and a request id of its own, within the scope of a call that came with a token.
  const headers = headerBag([['authorization', `Bearer ${server.token}`]]);
  const client = (): Client => {
    const scope = new CallScope(Number.POSITIVE_INFINITY, headers, undefined);
    return (new Clients(scope) as unknown as { readonly bench: Client }).bench;
  };
  const idle: AsyncIterator<{ readonly entry: { readonly score: number } }>[] = [];
  return {
    updates: async () => {
      const stream = idle.pop() ?? client().streamScores({ board: live, size: 1 })[Symbol.asyncIterator]();
      const { value } = await (stream as (typeof idle)[number]).next();
      idle.push(stream as (typeof idle)[number]);
      return (clock() - value.entry.score) / 1000;
    },
    small: () => client().getScore(scoreRequest),
    large: () => client().getLeaderboard(boardRequest),
    stream: async () => {
      let count = 0;
      for await (const _ of client().streamScores(streamRequest)) count++;
      return count;
    },
    converse: async () => {
      let answered = (): void => {};
      async function* requests(): AsyncGenerator<object> {
        for (let index = 0; index < roundTrips; index++) {
          const answer = new Promise<void>((resolve) => {
            answered = resolve;
          });
          yield converseRequest;
          await answer;
        }
      }
      for await (const _ of client().converse(requests())) answered();
    },
  };
}
