// Real Envoy between this transport's client and server: the interoperability cases, retries of resets and refusals,
// connections that end on either side under load. Usage: node test/transport/envoy.ts [--help]
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClientCall, connect, createServer, ErrorCode, Status } from '#transport';
import { addService } from '#transport/grpc-js/facade.ts';
import { tally } from '../proof/tally.ts';
import { cases } from './interop/cases.ts';
import { freePort } from './interop/pairings.ts';
import { implementation, TestService } from './interop/service.ts';
import { transportCaller } from './interop/transport-caller.ts';
import { need } from './tools.ts';

if (process.argv.includes('--help')) {
  console.log('node test/transport/envoy.ts   client -> Envoy -> server: cases, retries, connections that end');
  process.exit(0);
}
const program = need('envoy');

// Connections of the server are drained every few hundred milliseconds, so that Envoy meets many GOAWAYs.
const server = createServer({ maxConnectionAge: 300, maxConnectionAgeGrace: 20_000 });
addService(server, TestService, implementation);
let attempts = 0;
const flaky = (fail: (call: import('#transport').ServerCall) => void) => ({
  requestStream: false as const,
  onMessage(call: import('#transport').ServerCall, message: Buffer) {
    if (++attempts % 3 !== 0) fail(call);
    else call.reply(message);
  },
});
server.handle(
  '/f.F/Refused',
  flaky((call) => call.reset(ErrorCode.REFUSED_STREAM)),
);
server.handle(
  '/f.F/Reset',
  flaky((call) => call.reset(ErrorCode.INTERNAL_ERROR)),
);
server.handle(
  '/f.F/Unavailable',
  flaky((call) => call.finish(Status.UNAVAILABLE, 'not now')),
);
server.handle('/f.F/Echo', { requestStream: false, onMessage: (call, message) => call.reply(message) });
const backend = (await server.listen({ host: '127.0.0.1', port: 0 })).port;
const front = await freePort();

const socket = (port: number) => ({ socket_address: { address: '127.0.0.1', port_value: port } });
const OPTIONS = 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions';
const MANAGER = 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const manager = {
  '@type': MANAGER,
  stat_prefix: 'front',
  codec_type: 'HTTP2',
  // Envoy's own connections towards the client end as well: after a second, by GOAWAY.
  common_http_protocol_options: { max_connection_duration: '1s' },
  drain_timeout: '0.5s',
  route_config: {
    virtual_hosts: [
      {
        name: 'all',
        domains: ['*'],
        routes: [
          {
            match: { prefix: '/' },
            route: {
              cluster: 'backend',
              timeout: '0s',
              retry_policy: { retry_on: 'reset,refused-stream,unavailable,connect-failure', num_retries: 5 },
            },
          },
        ],
      },
    ],
  },
  http_filters: [
    { name: 'router', typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' } },
  ],
};
const config = {
  static_resources: {
    listeners: [
      { name: 'front', address: socket(front), filter_chains: [{ filters: [{ name: 'hcm', typed_config: manager }] }] },
    ],
    clusters: [
      {
        name: 'backend',
        type: 'STATIC',
        typed_extension_protocol_options: {
          'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
            '@type': OPTIONS,
            explicit_http_config: { http2_protocol_options: {} },
          },
        },
        load_assignment: {
          cluster_name: 'backend',
          endpoints: [{ lb_endpoints: [{ endpoint: { address: socket(backend) } }] }],
        },
      },
    ],
  },
};
const folder = mkdtempSync(join(tmpdir(), 'envoy-'));
writeFileSync(join(folder, 'envoy.json'), JSON.stringify(config));
chmodSync(program, 0o755);
const proxy = spawn(program, ['-c', join(folder, 'envoy.json'), '--concurrency', '1', '-l', 'error'], {
  stdio: ['ignore', 'inherit', 'inherit'],
});
const client = connect({ target: `127.0.0.1:${front}`, backoffBase: 50 });
let failures = 0;
let verdicts = 0;
const verdict = (name: string, good: number, of: number): void => {
  verdicts++;
  if (good !== of) failures++;
  console.log(`${name}: ${good} of ${of}`);
};

try {
  await client.ready(20_000);
  let passed = 0;
  for (const [name, run] of Object.entries(cases)) {
    await run(transportCaller(client)).then(
      () => passed++,
      (error: Error) => console.log(`  ${name}: ${error.message}`),
    );
  }
  verdict('interoperability cases through Envoy', passed, Object.keys(cases).length);
  const call = (path: string): Promise<ClientCall> =>
    new Promise((resolve) => {
      client.unary(path, Buffer.from('x'), { timeout: 20_000, waitForReady: true }, { onEnd: resolve });
    });
  for (const kind of ['Refused', 'Reset', 'Unavailable']) {
    let good = 0;
    for (let i = 0; i < 30; i++) if ((await call(`/f.F/${kind}`)).code === Status.OK) good++;
    verdict(`calls that Envoy retries (${kind})`, good, 30);
  }
  const errors = new Map<string, number>();
  let calls = 0;
  const end = performance.now() + 6_000;
  const worker = async (): Promise<void> => {
    while (performance.now() < end) {
      const { code, message } = await call('/f.F/Echo');
      calls++;
      if (code !== Status.OK) errors.set(`${code} ${message}`, (errors.get(`${code} ${message}`) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: 20 }, worker));
  for (const [text, count] of errors) console.log(`  ${count} times ${text}`);
  const lost = [...errors.values()].reduce((sum, count) => sum + count, 0);
  verdict('calls under load while connections end on both sides', calls - lost, calls);
  console.log(`  GOAWAYs: ${server.counters.goawaysSent} to Envoy, ${client.counters.goawaysReceived} from Envoy`);
} finally {
  client.close();
  server.close();
  proxy.kill();
  rmSync(folder, { recursive: true });
}
tally(verdicts - failures, verdicts);
process.exit(failures > 0 ? 1 : 0);
