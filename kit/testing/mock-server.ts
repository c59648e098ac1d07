// A real gRPC server of a contract whose answers are scripted: replies, errors, delays, or a function, for each method.
// It speaks over real sockets with the kit's own pipeline, so that what a service meets here it also meets in a cluster.

import { systemClock } from '../clock/system-clock.ts';
import type { ContractMethod } from '../contract/contract.ts';
import { loadContract } from '../contract/contract.ts';
import { type ContractSource, platformContracts } from '../contract/contract-source.ts';
import type { ContractName, HandlersOf, Init, RpcName } from '../contract/shapes.ts';
import { type Duration, milliseconds } from '../duration.ts';
import { RpcError } from '../errors/rpc-error.ts';
import { toRpcError } from '../errors/to-rpc-error.ts';
import type { CallFacts } from '../server/call-run.ts';
import { defaultLimits } from '../server/limits.ts';
import { RpcServer } from '../server/rpc-server.ts';
import { serveMethod } from '../server/served-method.ts';
import { createTelemetry } from '../telemetry/telemetry.ts';
import { loadTransportUnderTest } from './transport-under-test.ts';

/** What a scripted function is given beside the request. */
export interface MockCall {
  /** A value of the call's metadata. */
  metadata(name: string): string | undefined;
  /** Aborted when the caller goes away or its deadline passes. */
  readonly signal: AbortSignal;
}

/** A canned answer. Of `error`, `response` and `responses`, one. */
export interface CannedReply<Response extends object = object> {
  readonly response?: Init<Response>;
  /** Messages of a response stream. */
  readonly responses?: readonly Init<Response>[];
  /** Fails the call; after the `responses` of a stream. */
  readonly error?: RpcError;
  /** How long the answer takes. @default - none */
  readonly delay?: Duration;
}

/** Functions for some methods of a contract, keyed like handlers. */
export type MockHandlers<S extends ContractName> = Partial<HandlersOf<S, MockCall>>;

/** A call that a mock server got. */
export interface RecordedCall<Request = object> {
  /** Name as the contract spells it: `Charge`. */
  readonly rpc: string;
  /** The request; of a request stream, those that have been read. */
  readonly requests: readonly Request[];
  /** Metadata by name, of the names that services hand on. */
  metadata(name: string): string | undefined;
}

/** A running mock server. */
export interface MockServer<S extends ContractName = ContractName> {
  /** `127.0.0.1:port`. */
  readonly address: string;
  /** Every call in the order of arrival. */
  readonly calls: readonly RecordedCall[];
  /** The calls of one method. */
  callsOf(rpc: RpcName<S>): readonly RecordedCall[];
  /** Answers of a method from now on, one a call; the last one stays. */
  reply(rpc: RpcName<S>, ...replies: readonly CannedReply[]): void;
  /** A function that answers a method from now on. */
  handle(handlers: MockHandlers<S>): void;
  stop(): Promise<void>;
}

type Handler = (request: unknown, call: MockCall) => unknown;
const answers = (reply: CannedReply): readonly object[] => reply.responses ?? (reply.response ? [reply.response] : []);

function scripted(method: ContractMethod, replies: CannedReply[]): Handler {
  const next = async (call: MockCall): Promise<CannedReply> => {
    const reply = (replies.length > 1 ? replies.shift() : replies[0]) ?? {};
    if (reply.delay !== undefined) await systemClock.sleep(milliseconds(reply.delay), call.signal);
    return reply;
  };
  const many = method.kind === 'serverStream' || method.kind === 'bidiStream';
  if (!many) {
    return async (request, call) => {
      if (method.kind === 'clientStream') for await (const _ of request as AsyncIterable<unknown>);
      const reply = await next(call);
      if (reply.error !== undefined) throw reply.error;
      return answers(reply)[0] ?? {};
    };
  }
  return async function* (_, call) {
    const reply = await next(call);
    yield* answers(reply);
    if (reply.error !== undefined) throw reply.error;
  };
}

async function* recording(requests: AsyncIterable<object>, into: object[]): AsyncGenerator<object> {
  for await (const request of requests) {
    into.push(request);
    yield request;
  }
}

/** Starts one on a free loopback port. A method without an answer fails with UNIMPLEMENTED and says so. */
export async function startMockServer<S extends ContractName>(
  contractName: S,
  handlers: MockHandlers<S> = {},
  contracts: ContractSource = platformContracts,
): Promise<MockServer<S>> {
  const contract = loadContract(contractName, contracts);
  const current = new Map<string, Handler>();
  const calls: RecordedCall[] = [];
  const telemetry = await createTelemetry({
    service: 'mock',
    version: 'v1',
    logLevel: 'silent',
    sampleRatio: 0,
    processMetrics: false,
  });

  function answer(method: ContractMethod, request: unknown, { scope }: CallFacts): unknown {
    const metadata = (name: string): string | undefined => scope.headers?.get(name);
    const streaming = method.kind === 'clientStream' || method.kind === 'bidiStream';
    const requests: object[] = streaming ? [] : [request as object];
    calls.push({ rpc: method.rpc, requests, metadata });
    const handler = current.get(method.handlerName);
    if (handler === undefined) {
      throw new RpcError('UNIMPLEMENTED', `this test gives no answer for ${method.path}; fake '${method.handlerName}'`);
    }
    const given = streaming ? recording(request as AsyncIterable<object>, requests) : request;
    return handler(given, { metadata, signal: scope.signal });
  }

  const transport = await loadTransportUnderTest();
  const server = new RpcServer({
    createTransport: transport.createServer,
    limits: { ...defaultLimits, drainMs: 100 },
    recorder: telemetry.server,
    toError: toRpcError,
    caller: () => ({ user: { id: 'mock', roles: ['admin', 'support', 'customer', 'partner'] } }),
    context: (facts) => facts,
    methods: contract.methods.map((method) =>
      serveMethod(method, (request: never, facts: never) => answer(method, request, facts)),
    ),
  });
  server.open();
  const address = await server.listen('127.0.0.1:0');
  const handle = (more: MockHandlers<S>): void => {
    for (const [name, handler] of Object.entries(more)) current.set(name, handler as Handler);
  };
  handle(handlers);
  return {
    address,
    calls,
    callsOf: (rpc) => calls.filter((call) => call.rpc === rpc),
    handle,
    reply(rpc, ...replies) {
      const method = contract.methods.find((candidate) => candidate.rpc === rpc);
      if (method === undefined) throw new TypeError(`${contractName} has no method ${rpc}`);
      current.set(method.handlerName, scripted(method, [...replies]));
    },
    async stop() {
      await server.drain();
      await telemetry.shutdown();
    },
  };
}
