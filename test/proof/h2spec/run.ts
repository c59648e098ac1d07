// h2spec through the kit's server, on the transport that FAIRLEAD_TRANSPORT names. On the platform's own, all cases pass. On grpc-js
// a bare node:http2 server is judged in the same run, and nothing may fail that does not fail there as well.
// Usage: node test/proof/h2spec/run.ts [h2spec parameters...]
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { startEcho } from '#kit/server/fixtures/echo-server.ts';
import { transportUnderTest } from '#kit/testing/transport-under-test.ts';
import { type H2specRun, runH2spec } from '../../transport/run-h2spec.ts';
import { tally } from '../tally.ts';
import { startGrpcRelay } from './grpc-relay.ts';

const parameters = process.argv.slice(2);
if (parameters.includes('--help')) {
  console.log(
    'node test/proof/h2spec/run.ts [h2spec parameters...]   h2spec through the kit; FAIRLEAD_TRANSPORT=grpc-js too',
  );
  process.exit(0);
}

/** Through a relay that makes gRPC's requests of h2spec's. */
async function judge(port: number): Promise<H2specRun> {
  const relay = await startGrpcRelay(port);
  try {
    return await runH2spec(relay.port, [...parameters, '-P', '/fixtures.echo.v1.EchoService/Chat']);
  } finally {
    relay.close();
  }
}

/** What any server on Node's own HTTP/2 has: it answers, and does nothing else. */
async function judgeNode(): Promise<H2specRun> {
  const server = createServer((request, response) => request.on('end', () => response.end('hello')).resume());
  server.on('sessionError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const run = await judge((server.address() as AddressInfo).port);
  server.close();
  return run;
}

async function judgeKit(): Promise<H2specRun> {
  async function* chat(requests: AsyncIterable<unknown>): AsyncGenerator<object> {
    for await (const _request of requests);
    yield { echo: { amount: 1 } };
  }
  const echo = await startEcho({ handlers: { chat } });
  const run = await judge(Number(echo.address.split(':').at(-1)));
  await echo.stop();
  return run;
}

const kit = await judgeKit();
const node: H2specRun | undefined = transportUnderTest === 'grpc-js' ? await judgeNode() : undefined;
if (node !== undefined) console.log(`bare node:http2: ${node.failed.length} of ${node.total} fail`);
let worse = 0;
for (const name of kit.failed) {
  const excused = node?.failed.includes(name) === true;
  if (!excused) worse++;
  console.log(`failed${excused ? ', as with bare node:http2' : ''}: ${name}`);
}
for (const name of kit.skipped) console.log(`skipped: ${name}`);
tally(kit.total - kit.failed.length - kit.skipped.length, kit.total);
const complete = kit.total > 0 && (node !== undefined || kit.skipped.length === 0);
process.exit(worse > 0 || !complete ? 1 : 0);
