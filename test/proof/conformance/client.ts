// The program under test of the conformance suite's client mode, on the kit's typed clients.
import { CallScope } from '#kit/calls/call-scope.ts';
import { clientClass } from '#kit/client/client-class.ts';
import type { ClientChannel, ClientTls, IncomingStatus } from '#kit/client/client-transport.ts';
import { RpcError } from '#kit/errors/rpc-error.ts';
import { createTelemetry } from '#kit/telemetry/telemetry.ts';
import { loadTransportUnderTest } from '#kit/testing/transport-under-test.ts';
import { watched } from '../seam/client-seam.ts';
import {
  contract,
  decode,
  encode,
  type Field,
  flat,
  grouped,
  type Loose,
  readMessages,
  suiteCode,
  writeMessage,
} from './contracts.ts';

const { openChannel } = await loadTransportUnderTest();
const telemetry = await createTelemetry({ service: 'conformance', version: 'v1', logLevel: 'silent', sampleRatio: 0 });
const wait = (milliseconds: number | undefined) => new Promise((resolve) => setTimeout(resolve, milliseconds ?? 0));

function tlsOf(test: Loose): ClientTls | undefined {
  if (test.serverTlsCert.length === 0) return undefined;
  const { clientTlsCreds: own } = test;
  return {
    ca: test.serverTlsCert,
    serverName: 'localhost',
    ...(own?.cert && { own: { cert: own.cert, key: own.key } }),
  };
}

/** One case: what goes out at the seam, and what came back. */
class Case {
  readonly payloads: Loose[] = [];
  headers: readonly string[] = [];
  status: IncomingStatus | undefined;
  given = 0;
  readonly #test: Loose;
  readonly #cancel = new AbortController();
  #answered = Promise.withResolvers<void>();

  constructor(test: Loose) {
    this.#test = test;
  }

  async run(): Promise<object> {
    const test = this.#test;
    const tls = tlsOf(test);
    const channel = openChannel(`${test.host}:${test.port}`, {
      userAgent: 'conformance',
      proxy: false,
      compression: test.compression === 'COMPRESSION_GZIP',
      ...(test.messageReceiveLimit > 0 && { maxResponseBytes: test.messageReceiveLimit }),
      ...(tls && { tls }),
    });
    const Client = clientClass(contract, [test.method], {
      channel: this.#watched(channel),
      recorder: telemetry.client,
      forward: () => {},
    });
    const client: Loose = new Client(new CallScope(Number.POSITIVE_INFINITY, undefined, undefined));
    const name = test.method.charAt(0).toLowerCase() + test.method.slice(1);
    const options = {
      signal: this.#cancel.signal,
      ...(test.timeoutMs !== undefined && { timeout: `${test.timeoutMs}ms` }),
    };
    const messages: Loose[] = test.requestMessages.map(({ value }: Loose) => decode(`${test.method}Request`, value));
    const error = await this.#call((request) => client[name](request, options), messages).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    channel.close();
    return this.#outcome(error, messages.length);
  }

  async #call(call: (request: unknown) => Loose, messages: readonly Loose[]): Promise<void> {
    const { streamType, requestDelayMs, cancel } = this.#test;
    switch (streamType) {
      case 'STREAM_TYPE_UNARY':
        await wait(requestDelayMs);
        this.given = 1;
        this.#cancelLater();
        this.payloads.push((await call(messages[0])).payload ?? {});
        break;
      case 'STREAM_TYPE_CLIENT_STREAM':
        this.payloads.push((await call(this.#requests(messages))).payload ?? {});
        break;
      default: {
        const single = streamType === 'STREAM_TYPE_SERVER_STREAM';
        if (single) {
          await wait(requestDelayMs);
          this.given = 1;
          this.#cancelLater();
        }
        for await (const response of call(single ? messages[0] : this.#requests(messages))) {
          this.payloads.push(response.payload ?? {});
          this.#answered.resolve();
          if (this.payloads.length === cancel?.afterNumResponses) this.#cancel.abort();
        }
      }
    }
  }

  async *#requests(messages: readonly Loose[]): AsyncGenerator<object> {
    const { streamType, requestDelayMs, cancel } = this.#test;
    for (const message of messages) {
      await wait(requestDelayMs);
      // Once it has ended nothing more can be sent.
      if (this.status !== undefined || this.#cancel.signal.aborted) return;
      this.given++;
      this.#answered = Promise.withResolvers();
      yield message;
      if (streamType === 'STREAM_TYPE_FULL_DUPLEX_BIDI_STREAM') await this.#answered.promise;
    }
    if (cancel?.beforeCloseSend !== undefined) {
      this.#cancel.abort();
      return;
    }
    this.#cancelLater();
  }

  #cancelLater(): void {
    const after = this.#test.cancel?.afterCloseSendMs;
    if (after !== undefined) setTimeout(() => this.#cancel.abort(), after);
  }

  #watched(channel: ClientChannel): ClientChannel {
    const { requestHeaders, timeoutMs, compression } = this.#test;
    return watched(channel, {
      metadata: flat(requestHeaders as Field[]),
      endless: timeoutMs === undefined,
      gzip: compression === 'COMPRESSION_GZIP',
      headers: (fields) => {
        this.headers = fields;
      },
      status: (status) => {
        this.status = status;
        this.#answered.resolve();
      },
    });
  }

  #outcome(error: unknown, messages: number): object {
    return {
      responseHeaders: grouped(this.headers),
      responseTrailers: grouped(this.status?.trailers ?? []),
      payloads: this.payloads,
      numUnsentRequests: messages - this.given,
      ...(error !== undefined && { error: this.#errorOf(error) }),
    };
  }

  #errorOf(error: unknown): object {
    if (!RpcError.is(error)) throw error;
    const octets = this.status?.details;
    const details = octets === undefined ? [] : decode('Error', octets).details;
    return { code: suiteCode(error.code), message: error.message, details };
  }
}

// A few at a time: several cases measure time, which means nothing when hundreds start at once.
const atOnce = 8;
const running = new Set<Promise<void>>();
for await (const octets of readMessages()) {
  const test = decode('ClientCompatRequest', octets);
  const one: Promise<void> = new Case(test)
    .run()
    .then((response) => ({ response }))
    .catch((error: Error) => ({ error: { message: error.stack ?? error.message } }))
    .then((result) => {
      writeMessage(encode('ClientCompatResponse', { testName: test.testName, ...result }));
      running.delete(one);
    });
  running.add(one);
  if (running.size >= atOnce) await Promise.race(running);
}
await Promise.all(running);
