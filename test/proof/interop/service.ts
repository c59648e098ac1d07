// gRPC's interoperability service on the kit: all seven methods, as handlers that look like any service's.
// The metadata that its cases want back is echoed at the transport's seam.
import { fileURLToPath } from 'node:url';
import { type Contract, loadContract } from '#kit/contract/contract.ts';
import { ContractSource } from '#kit/contract/contract-source.ts';
import { type Code, codes, RpcError } from '#kit/errors/rpc-error.ts';
import { toRpcError } from '#kit/errors/to-rpc-error.ts';
import type { CallFacts } from '#kit/server/call-run.ts';
import { defaultLimits } from '#kit/server/limits.ts';
import { RpcServer } from '#kit/server/rpc-server.ts';
import { serveMethod } from '#kit/server/served-method.ts';
import { createTelemetry } from '#kit/telemetry/telemetry.ts';
import { loadTransportUnderTest } from '#kit/testing/transport-under-test.ts';
import type { Output, Simple } from '../../transport/interop/service.ts';
import { ServerSeam } from '../seam/server-seam.ts';

const folder = fileURLToPath(new URL('../../transport/interop', import.meta.url));
export const contracts: ContractSource = ContractSource.ofFolder(folder);
const contract: Contract = loadContract('grpc.testing.TestService', contracts);

const seam = new ServerSeam();
const initial = 'x-grpc-test-echo-initial';
const trailing = 'x-grpc-test-echo-trailing-bin';
const payload = (size = 0) => ({ payload: { body: Buffer.alloc(size) } });

function echo(facts: CallFacts): void {
  const ending = seam.of(facts);
  const fields = ending.call.headers.list();
  const named = (name: string): string[] => {
    const found: string[] = [];
    for (let at = 0; at < fields.length; at += 2) if (fields[at] === name) found.push(name, fields[at + 1] ?? '');
    return found;
  };
  const headers = named(initial);
  if (headers.length > 0) ending.call.head(headers);
  ending.trailers = named(trailing);
}

const nameOf = (code: number): Code =>
  (Object.entries(codes).find(([, number]) => number === code)?.[0] ?? 'UNKNOWN') as Code;

function failAsAsked({ responseStatus }: Simple | Output): void {
  if (responseStatus?.code) throw new RpcError(nameOf(responseStatus.code), responseStatus.message);
}

async function* outputs({ responseParameters = [] }: Output): AsyncGenerator<object> {
  for (const { size, intervalUs = 0 } of responseParameters) {
    if (intervalUs > 0) await new Promise((resolve) => setTimeout(resolve, intervalUs / 1000));
    yield payload(size);
  }
}

async function unary(request: Simple, facts: CallFacts): Promise<object> {
  echo(facts);
  failAsAsked(request);
  return payload(request.responseSize);
}

const handlers: Readonly<Record<string, (request: never, facts: CallFacts) => unknown>> = {
  emptyCall: async () => ({}),
  unaryCall: unary,
  cacheableUnaryCall: unary,
  async *streamingOutputCall(request: Output, facts) {
    echo(facts);
    yield* outputs(request);
  },
  async streamingInputCall(requests: AsyncIterable<Simple>) {
    let aggregatedPayloadSize = 0;
    for await (const { payload: given } of requests) aggregatedPayloadSize += given?.body.length ?? 0;
    return { aggregatedPayloadSize };
  },
  async *fullDuplexCall(requests: AsyncIterable<Output>, facts) {
    echo(facts);
    for await (const request of requests) {
      failAsAsked(request);
      yield* outputs(request);
    }
  },
  async *halfDuplexCall(requests: AsyncIterable<Output>, facts) {
    echo(facts);
    const all: Output[] = [];
    for await (const request of requests) all.push(request);
    for (const request of all) yield* outputs(request);
  },
};

/** Serves it on a free port of this machine; stopped by `drain`. */
export async function serveInterop(): Promise<{ readonly port: number; readonly server: RpcServer }> {
  const { createServer } = await loadTransportUnderTest();
  const telemetry = await createTelemetry({ service: 'interop', version: 'v1', logLevel: 'silent', sampleRatio: 0 });
  const server = new RpcServer({
    createTransport: seam.around(createServer),
    limits: defaultLimits,
    recorder: telemetry.server,
    toError: toRpcError,
    caller: () => ({}),
    context: (facts) => facts,
    methods: contract.methods.flatMap((method) => {
      const handler = handlers[method.handlerName];
      return handler === undefined ? [] : [serveMethod(method, handler)];
    }),
  });
  server.open();
  const address = await server.listen('127.0.0.1:0');
  return { port: Number(address.split(':').at(-1)), server };
}
