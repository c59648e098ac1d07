// The program under test of the conformance suite's server mode, on the kit: contract, pipeline, codecs and transport.
import { timeOfDay } from '#kit/clock/timers.ts';
import { RpcError } from '#kit/errors/rpc-error.ts';
import { toRpcError } from '#kit/errors/to-rpc-error.ts';
import type { CallFacts } from '#kit/server/call-run.ts';
import { defaultLimits } from '#kit/server/limits.ts';
import { RpcServer } from '#kit/server/rpc-server.ts';
import { serveMethod } from '#kit/server/served-method.ts';
import type { ServerTls } from '#kit/server/server-transport.ts';
import { createTelemetry } from '#kit/telemetry/telemetry.ts';
import { loadTransportUnderTest } from '#kit/testing/transport-under-test.ts';
import { type Ending, ServerSeam } from '../seam/server-seam.ts';
import {
  any,
  codeOf,
  contract,
  decode,
  encode,
  type Field,
  flat,
  grouped,
  type Loose,
  readMessages,
  writeMessage,
} from './contracts.ts';

const seam = new ServerSeam();
const wait = (milliseconds: number | undefined) => new Promise((resolve) => setTimeout(resolve, milliseconds ?? 0));

const first = await readMessages().next();
const setup = decode('ServerCompatRequest', first.value ?? Buffer.alloc(0));
const { createServer } = await loadTransportUnderTest();
const tls: ServerTls | undefined = setup.useTls
  ? {
      cert: setup.serverCreds.cert,
      key: setup.serverCreds.key,
      ...(setup.clientTlsCert.length > 0 && { clientCa: setup.clientTlsCert }),
    }
  : undefined;

/** What the suite wants to see of a request. */
function requestInfo({ call }: Ending, type: string, requests: readonly object[]): object {
  return {
    requestHeaders: grouped(call.headers.list()),
    ...(call.deadline === Number.POSITIVE_INFINITY ? {} : { timeoutMs: Math.ceil(call.deadline - timeOfDay()) }),
    requests: requests.map((request) => asAny(type, encode(type, request))),
  };
}

function asAny(type: string, bytes: Buffer): object {
  const { type_url: typeUrl, value } = any(type, bytes);
  return { typeUrl, value };
}

function open(ending: Ending, definition: Loose): void {
  ending.trailers = flat(definition?.responseTrailers as Field[] | undefined);
  const headers = flat(definition?.responseHeaders as Field[] | undefined);
  if (headers.length > 0) ending.call.head(headers);
}

function failure(ending: Ending, error: Loose, info: object | undefined): RpcError {
  const details = [...error.details];
  if (info !== undefined) {
    details.push(asAny('ConformancePayload.RequestInfo', encode('ConformancePayload.RequestInfo', info)));
  }
  if (details.length > 0) {
    // `Error` has the shape of google.rpc.Status: code, message, details, by the same numbers.
    ending.details = encode('Error', { ...error, details });
  }
  return new RpcError(codeOf(error.code), error.message ?? '');
}

async function single(type: string, requests: readonly Loose[], facts: CallFacts): Promise<object> {
  const ending = seam.of(facts);
  const definition = requests[0]?.responseDefinition;
  const info = requestInfo(ending, type, requests);
  await wait(definition?.responseDelayMs);
  open(ending, definition);
  if (definition?.error) throw failure(ending, definition.error, info);
  return { payload: { data: definition?.responseData ?? Buffer.alloc(0), requestInfo: info } };
}

async function* many(type: string, requests: readonly Loose[], facts: CallFacts): AsyncGenerator<object> {
  const ending = seam.of(facts);
  const definition = requests[0]?.responseDefinition;
  const info = requestInfo(ending, type, requests);
  open(ending, definition);
  yield* rest(ending, definition, 0, info);
}

/** The responses from one on, and the end. The first of all carries what was asked. */
async function* rest(ending: Ending, definition: Loose, from: number, info: object): AsyncGenerator<object> {
  let sent = from;
  for (const data of definition?.responseData.slice(from) ?? []) {
    await wait(definition.responseDelayMs);
    yield { payload: { data, ...(sent++ === 0 && { requestInfo: info }) } };
  }
  if (definition?.error) throw failure(ending, definition.error, sent === 0 ? info : undefined);
}

async function* chat(requests: AsyncIterable<Loose>, facts: CallFacts): AsyncGenerator<object> {
  const ending = seam.of(facts);
  const all: Loose[] = [];
  let sent = 0;
  for await (const request of requests) {
    all.push(request);
    if (all.length === 1 && request.fullDuplex) open(ending, request.responseDefinition);
    const definition = all[0].responseDefinition;
    if (!all[0].fullDuplex) continue;
    const data = definition?.responseData[sent];
    if (data === undefined) {
      yield* rest(ending, definition, sent, requestInfo(ending, 'BidiStreamRequest', [request]));
      continue;
    }
    await wait(definition.responseDelayMs);
    const asked = requestInfo(ending, 'BidiStreamRequest', [request]) as { requests: object[] };
    yield { payload: { data, requestInfo: sent++ === 0 ? asked : { requests: asked.requests } } };
  }
  if (all[0]?.fullDuplex) {
    yield* rest(ending, all[0].responseDefinition, sent, requestInfo(ending, 'BidiStreamRequest', all));
  } else {
    yield* many('BidiStreamRequest', all, facts);
  }
}

const handlers: Readonly<Record<string, (request: Loose, facts: CallFacts) => unknown>> = {
  unary: (request, facts) => single('UnaryRequest', [request], facts),
  idempotentUnary: (request, facts) => single('IdempotentUnaryRequest', [request], facts),
  async clientStream(requests, facts) {
    const all: Loose[] = [];
    for await (const request of requests) all.push(request);
    return single('ClientStreamRequest', all, facts);
  },
  serverStream: (request, facts) => many('ServerStreamRequest', [request], facts),
  bidiStream: chat,
};

const limit = setup.messageReceiveLimit > 0 ? { limits: { maxRequestBytes: setup.messageReceiveLimit } } : {};
const telemetry = await createTelemetry({ service: 'conformance', version: 'v1', logLevel: 'silent', sampleRatio: 0 });
const server = new RpcServer({
  createTransport: seam.around(createServer, tls),
  limits: defaultLimits,
  recorder: telemetry.server,
  toError: toRpcError,
  caller: () => ({ user: { id: 'suite', roles: [] } }),
  context: (facts) => facts,
  methods: contract.methods.flatMap((method) => {
    const handler = handlers[method.handlerName];
    return handler === undefined ? [] : [serveMethod(method, handler as never, limit)];
  }),
});
server.open();
const address = await server.listen('127.0.0.1:0');
const port = Number(address.split(':').at(-1));
const pemCert = setup.serverCreds?.cert ?? Buffer.alloc(0);
writeMessage(encode('ServerCompatResponse', { host: '127.0.0.1', port, pemCert }));
process.on('SIGTERM', () => process.exit(0));
