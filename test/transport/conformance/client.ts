// The program under test of the conformance suite's client mode, straight on the transport.
// Reads ClientCompatRequests from stdin, makes each call, writes what came of it; ends when stdin ended.
import { type CallHandler, type CallOptions, type ClientCall, connect, decodeBinary, Status } from '#transport';
import {
  type AnyValue,
  decode,
  type ErrorValue,
  encode,
  type Field,
  flat,
  grouped,
  readMessages,
  writeMessage,
} from './schema.ts';

interface Case {
  testName: string;
  compression?: number;
  host: string;
  port: number;
  serverTlsCert?: Uint8Array;
  clientTlsCreds?: { cert: Uint8Array; key: Uint8Array };
  messageReceiveLimit?: number;
  service: string;
  method: string;
  streamType: number;
  requestHeaders?: Field[];
  requestMessages?: AnyValue[];
  timeoutMs?: number;
  requestDelayMs?: number;
  cancel?: { beforeCloseSend?: object; afterCloseSendMs?: number; afterNumResponses?: number };
}

const [UNARY, CLIENT_STREAM, SERVER_STREAM, HALF_DUPLEX, FULL_DUPLEX] = [1, 2, 3, 4, 5];
const GZIP = 2;
const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** One call as promises: each response message, and the end. */
class Run implements CallHandler {
  readonly messages: Buffer[] = [];
  readonly ended: Promise<ClientCall>;
  onEnd: (call: ClientCall) => void = () => {};
  #arrived: () => void = () => {};
  #over = false;

  constructor() {
    this.ended = new Promise((resolve) => {
      this.onEnd = (call) => {
        this.#over = true;
        if (call.reply !== undefined) this.messages.push(call.reply);
        this.#arrived();
        resolve(call);
      };
    });
  }

  onMessage(_call: ClientCall, message: Buffer): void {
    this.messages.push(message);
    this.#arrived();
  }

  /** Pulls one response; false at the end. */
  async next(call: ClientCall): Promise<boolean> {
    const before = this.messages.length;
    call.pull();
    while (this.messages.length === before && !this.#over) {
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
    return this.messages.length > before;
  }
}

async function perform(test: Case): Promise<object> {
  const secure = test.serverTlsCert?.length
    ? {
        tls: {
          ca: Buffer.from(test.serverTlsCert),
          servername: 'localhost',
          ...(test.clientTlsCreds && {
            cert: Buffer.from(test.clientTlsCreds.cert),
            key: Buffer.from(test.clientTlsCreds.key),
          }),
        },
      }
    : {};
  const limit = test.messageReceiveLimit ? { maxReceiveMessage: test.messageReceiveLimit } : {};
  const client = connect({ target: `${test.host}:${test.port}`, ...secure, ...limit });
  try {
    await client.ready(10_000);
    return await drive(client, test);
  } finally {
    client.close();
  }
}

async function drive(client: ReturnType<typeof connect>, test: Case): Promise<object> {
  const run = new Run();
  const path = `/${test.service}/${test.method}`;
  const options: CallOptions = {
    metadata: flat(test.requestHeaders),
    ...(test.timeoutMs !== undefined && { timeout: test.timeoutMs }),
    ...(test.compression === GZIP && { encoding: 'gzip' as const }),
  };
  const messages = (test.requestMessages ?? []).map(({ value }) => value);
  const first = messages[0] ?? Buffer.alloc(0);
  const cancel = test.cancel;
  let unsent = 0;
  let call: ClientCall;
  if (test.streamType === UNARY || test.streamType === SERVER_STREAM) {
    await wait(test.requestDelayMs ?? 0);
    call =
      test.streamType === UNARY
        ? client.unary(path, first, options, run)
        : client.serverStream(path, first, options, run);
  } else {
    call =
      test.streamType === CLIENT_STREAM
        ? client.clientStream(path, options, run)
        : client.bidiStream(path, options, run);
    for (const [index, message] of messages.entries()) {
      await wait(test.requestDelayMs ?? 0);
      if (call.finished) {
        unsent = messages.length - index;
        break;
      }
      call.sendMessage(message);
      if (test.streamType === FULL_DUPLEX) {
        await run.next(call);
        if (cancel?.afterNumResponses !== undefined && run.messages.length >= cancel.afterNumResponses) call.cancel();
      }
    }
    if (cancel?.beforeCloseSend !== undefined) call.cancel();
    else call.halfClose();
  }
  if (cancel?.afterCloseSendMs !== undefined) setTimeout(() => call.cancel(), cancel.afterCloseSendMs);
  if (test.streamType === SERVER_STREAM || test.streamType === HALF_DUPLEX || test.streamType === FULL_DUPLEX) {
    const enough = (): boolean =>
      cancel?.afterNumResponses !== undefined && run.messages.length >= cancel.afterNumResponses;
    if (enough()) call.cancel();
    while (await run.next(call)) if (enough()) call.cancel();
  } else if (cancel?.afterNumResponses !== undefined) {
    await run.ended;
  }
  return { response: outcome(await run.ended, run, test.method, unsent) };
}

function outcome(call: ClientCall, run: Run, method: string, unsent: number): object {
  const trailersOnly = call.headers === call.trailers;
  const payloads = run.messages.map(
    (message) => decode<{ payload?: object }>(`${method}Response`, message).payload ?? {},
  );
  return {
    responseHeaders: trailersOnly ? [] : grouped(call.headers),
    responseTrailers: grouped(call.trailers),
    payloads,
    numUnsentRequests: unsent,
    ...(call.code !== Status.OK && { error: errorOf(call) }),
  };
}

function errorOf(call: ClientCall): ErrorValue {
  const index = call.trailers.indexOf('grpc-status-details-bin');
  const octets = index < 0 ? undefined : decodeBinary(call.trailers[index + 1] ?? '')[0];
  const details = octets === undefined ? [] : (decode<{ details?: AnyValue[] }>('Status', octets).details ?? []);
  return { code: call.code, message: call.message, details };
}

// A few at a time: several cases measure time, which means nothing when hundreds start at once.
const AT_ONCE = 8;
const running = new Set<Promise<void>>();
for await (const octets of readMessages()) {
  const test = decode<Case>('ClientCompatRequest', octets);
  const one: Promise<void> = perform(test)
    .catch((error: Error) => ({ error: { message: error.stack ?? error.message } }))
    .then((result) => {
      writeMessage(encode('ClientCompatResponse', { testName: test.testName, ...result }));
      running.delete(one);
    });
  running.add(one);
  if (running.size >= AT_ONCE) await Promise.race(running);
}
await Promise.all(running);
