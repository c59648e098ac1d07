// The program under test of the conformance suite's server mode, straight on the transport.
// It reads one ServerCompatRequest, listens, says where, and serves ConformanceService until SIGTERM.
import { createServer, encodeBinary, type MethodHandler, type ServerCall, Status } from '#transport';
import {
  any,
  decode,
  type ErrorValue,
  encode,
  flat,
  grouped,
  type ResponseDefinition,
  readMessages,
  type StreamDefinition,
  writeMessage,
} from './schema.ts';

interface Setup {
  useTls?: boolean;
  clientTlsCert?: Uint8Array;
  messageReceiveLimit?: number;
  serverCreds?: { cert: Uint8Array; key: Uint8Array };
}

const first = await readMessages().next();
const setup = decode<Setup>('ServerCompatRequest', first.value ?? Buffer.alloc(0));
const server = createServer({ ...(setup.messageReceiveLimit && { maxReceiveMessage: setup.messageReceiveLimit }) });

const wait = (milliseconds: number | undefined) => new Promise((resolve) => setTimeout(resolve, milliseconds ?? 0));

/** What the suite wants to see of a request. */
function requestInfo(call: ServerCall, name: string, messages: readonly Uint8Array[]): object {
  const timeout = call.dueAt === Number.POSITIVE_INFINITY ? {} : { timeoutMs: Math.ceil(call.timeLeft) };
  return {
    requestHeaders: grouped(call.headers),
    ...timeout,
    requests: messages.map((octets) => any(name, octets)),
  };
}

function open(
  call: ServerCall,
  definition: { responseHeaders?: ResponseDefinition['responseHeaders'] } | undefined,
): void {
  if (call.header('grpc-encoding') === 'gzip') call.outgoing = 'gzip';
  if (definition?.responseHeaders?.length) call.sendHeaders(flat(definition.responseHeaders));
}

function fail(call: ServerCall, error: ErrorValue, trailers: readonly string[], info: object | undefined): void {
  const details = [...(error.details ?? [])];
  if (info !== undefined)
    details.push(any('ConformancePayload.RequestInfo', encode('ConformancePayload.RequestInfo', info)));
  const status = encode('Status', { code: error.code, message: error.message ?? '', details });
  const extra = details.length > 0 ? ['grpc-status-details-bin', encodeBinary(status)] : [];
  call.finish(error.code, error.message ?? '', [...trailers, ...extra]);
}

async function single(call: ServerCall, name: string, messages: readonly Uint8Array[]): Promise<void> {
  const request =
    messages[0] === undefined ? {} : decode<{ responseDefinition?: ResponseDefinition }>(name, messages[0]);
  const definition = request.responseDefinition;
  const info = requestInfo(call, name, messages);
  await wait(definition?.responseDelayMs);
  if (call.finished) return;
  open(call, definition);
  const trailers = flat(definition?.responseTrailers);
  if (definition?.error) {
    fail(call, definition.error, trailers, info);
    return;
  }
  const payload = { data: definition?.responseData ?? Buffer.alloc(0), requestInfo: info };
  call.reply(encode(name.replace('Request', 'Response'), { payload }), trailers, call.outgoing !== 'identity');
}

async function respond(
  call: ServerCall,
  kind: string,
  definition: StreamDefinition | undefined,
  info: object,
): Promise<void> {
  open(call, definition);
  if (!definition?.error || definition.responseData?.length) call.sendHeaders();
  let sent = 0;
  for (const data of definition?.responseData ?? []) {
    await wait(definition?.responseDelayMs);
    if (call.finished) return;
    const payload = { data, ...(sent++ === 0 && { requestInfo: info }) };
    call.sendMessage(encode(`${kind}Response`, { payload }), call.outgoing !== 'identity');
  }
  const trailers = flat(definition?.responseTrailers);
  if (definition?.error) fail(call, definition.error, trailers, sent === 0 ? info : undefined);
  else call.finish(Status.OK, '', trailers);
}

interface BidiState {
  readonly messages: Uint8Array[];
  definition: StreamDefinition | undefined;
  fullDuplex: boolean;
  sent: number;
}

async function answerOne(call: ServerCall, state: BidiState): Promise<void> {
  const data = state.definition?.responseData?.[state.sent];
  const latest = state.messages.slice(-1);
  if (data === undefined) {
    const info = requestInfo(call, 'BidiStreamRequest', latest);
    if (state.definition?.error) {
      fail(call, state.definition.error, flat(state.definition.responseTrailers), state.sent === 0 ? info : undefined);
    }
    return;
  }
  await wait(state.definition?.responseDelayMs);
  const info =
    state.sent++ === 0
      ? requestInfo(call, 'BidiStreamRequest', latest)
      : { requests: latest.map((m) => any('BidiStreamRequest', m)) };
  call.sendMessage(
    encode('BidiStreamResponse', { payload: { data, requestInfo: info } }),
    call.outgoing !== 'identity',
  );
}

async function endBidi(call: ServerCall, state: BidiState): Promise<void> {
  if (!state.fullDuplex) {
    await respond(call, 'BidiStream', state.definition, requestInfo(call, 'BidiStreamRequest', state.messages));
    return;
  }
  const rest = (state.definition?.responseData ?? []).slice(state.sent);
  for (const data of rest) {
    await wait(state.definition?.responseDelayMs);
    const info = state.sent++ === 0 ? requestInfo(call, 'BidiStreamRequest', state.messages) : undefined;
    call.sendMessage(
      encode('BidiStreamResponse', { payload: { data, requestInfo: info } }),
      call.outgoing !== 'identity',
    );
  }
  const trailers = flat(state.definition?.responseTrailers);
  const info = state.sent === 0 ? requestInfo(call, 'BidiStreamRequest', state.messages) : undefined;
  if (state.definition?.error) fail(call, state.definition.error, trailers, info);
  else call.finish(Status.OK, '', trailers);
}

const bidi: MethodHandler = {
  requestStream: true,
  onCall(call) {
    call.data = { messages: [], definition: undefined, fullDuplex: false, sent: 0 } satisfies BidiState;
    call.pull();
  },
  onMessage(call, message) {
    const state = call.data as BidiState;
    if (state.messages.push(message) === 1) {
      const request = decode<{ responseDefinition?: StreamDefinition; fullDuplex?: boolean }>(
        'BidiStreamRequest',
        message,
      );
      state.definition = request.responseDefinition;
      state.fullDuplex = request.fullDuplex ?? false;
      if (state.fullDuplex) {
        open(call, state.definition);
        if (state.definition?.responseData?.length) call.sendHeaders();
      }
    }
    if (state.fullDuplex) void answerOne(call, state).then(() => call.pull());
    else call.pull();
  },
  onEnd: (call) => void endBidi(call, call.data as BidiState),
};

const unary = (name: string): MethodHandler => ({
  requestStream: false,
  onMessage: (call, message) => void single(call, name, [message]),
});

const service = '/connectrpc.conformance.v1.ConformanceService';
server.handle(`${service}/Unary`, unary('UnaryRequest'));
server.handle(`${service}/IdempotentUnary`, unary('IdempotentUnaryRequest'));
server.handle(`${service}/BidiStream`, bidi);
server.handle(`${service}/ServerStream`, {
  requestStream: false,
  onMessage(call, message) {
    const { responseDefinition } = decode<{ responseDefinition?: StreamDefinition }>('ServerStreamRequest', message);
    void respond(call, 'ServerStream', responseDefinition, requestInfo(call, 'ServerStreamRequest', [message]));
  },
});
server.handle(`${service}/ClientStream`, {
  requestStream: true,
  onCall(call) {
    call.data = [];
    call.pull();
  },
  onMessage(call, message) {
    (call.data as Uint8Array[]).push(message);
    call.pull();
  },
  onEnd: (call) => void single(call, 'ClientStreamRequest', call.data as Uint8Array[]),
});

const { serverCreds, clientTlsCert } = setup;
const secure =
  setup.useTls && serverCreds
    ? {
        tls: {
          cert: Buffer.from(serverCreds.cert),
          key: Buffer.from(serverCreds.key),
          ...(clientTlsCert?.length && { ca: Buffer.from(clientTlsCert), requireClientCertificate: true }),
        },
      }
    : {};
const { port } = await server.listen({ host: '127.0.0.1', port: 0, ...secure });
writeMessage(
  encode('ServerCompatResponse', { host: '127.0.0.1', port, pemCert: serverCreds?.cert ?? Buffer.alloc(0) }),
);
process.on('SIGTERM', () => process.exit(0));
