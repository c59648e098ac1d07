// The workload of mesh scenarios: a gRPC echo service that misbehaves when told, one of HTTP beside it, and a caller.
// This folder needs grpc-js alone and runs as it is in any container that has Node 24 and grpc-js: `node program.ts`.
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import {
  type CallOptions,
  Client,
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type sendUnaryData,
} from '@grpc/grpc-js';
import type { Call, CallKind, Observation, Order, Request } from '../scenario.ts';
import { Attempts, encodeOrder, type Sent } from './attempts.ts';
import { makeRequests } from './http-client.ts';
import { HttpEcho } from './http-echo.ts';

const octets = (value: Buffer): Buffer => value;
const method = (name: string, requestStream: boolean, responseStream: boolean) => ({
  path: `/parity.v1.Echo/${name}`,
  requestStream,
  responseStream,
  requestSerialize: octets,
  requestDeserialize: octets,
  responseSerialize: octets,
  responseDeserialize: octets,
});
const ECHO = {
  Single: method('Single', false, false),
  Other: method('Other', false, false),
  ServerStream: method('ServerStream', false, true),
  ClientStream: method('ClientStream', true, false),
  Bidi: method('Bidi', true, true),
} as const satisfies ServiceDefinition;
const PATHS: Readonly<Record<CallKind, string>> = {
  single: ECHO.Single.path,
  serverStream: ECHO.ServerStream.path,
  clientStream: ECHO.ClientStream.path,
  bidi: ECHO.Bidi.path,
};

interface Reply {
  readonly instance: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeLeftMs?: number;
  readonly received: number;
  readonly padding?: string;
}

type AnyServerCall =
  | ServerUnaryCall<Buffer, Buffer>
  | ServerReadableStream<Buffer, Buffer>
  | ServerWritableStream<Buffer, Buffer>
  | ServerDuplexStream<Buffer, Buffer>;

const plain = (metadata: Metadata): Record<string, string> =>
  Object.fromEntries(Object.keys(metadata.getMap()).map((name) => [name, metadata.get(name).join(',')]));
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The serving side. */
export class EchoServer {
  readonly #server = new Server();
  readonly #attempts: Attempts;

  constructor(attempts: Attempts) {
    this.#attempts = attempts;
    const single = (call: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>): void =>
      void this.#answer(call, 1, reply);
    this.#server.addService(ECHO, {
      Single: single,
      Other: single,
      ClientStream: (call: ServerReadableStream<Buffer, Buffer>, reply: sendUnaryData<Buffer>) => {
        let received = 0;
        call.on('data', () => received++);
        call.on('error', () => {});
        call.on('end', () => void this.#answer(call, received, reply));
      },
      ServerStream: (call: ServerWritableStream<Buffer, Buffer>) => void this.#stream(call),
      Bidi: (call: ServerDuplexStream<Buffer, Buffer>) => {
        const { order, failing } = this.#arrived(call);
        let received = 0;
        call.on('data', () => call.write(this.#reply(call, ++received, order)));
        call.on('error', () => {});
        call.on('end', () => (failing ? call.emit('error', { code: order.code, details: 'as ordered' }) : call.end()));
      },
    });
  }

  /** @param address - `unix:/path` or `host:port`. */
  async listen(address: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.bindAsync(address, ServerCredentials.createInsecure(), (error) =>
        error === null ? resolve() : reject(error),
      );
    });
  }

  close(): void {
    this.#server.forceShutdown();
  }

  #arrived(call: AnyServerCall): { readonly order: Sent; readonly failing: boolean } {
    const attempt = this.#attempts.arrived(String(call.metadata.get('x-order')[0] ?? ''));
    (call as ServerUnaryCall<Buffer, Buffer>).on('cancelled', attempt.cancelled);
    return attempt;
  }

  #reply(call: AnyServerCall, received: number, order: Order): Buffer {
    const deadline = call.getDeadline();
    const left = (deadline instanceof Date ? deadline.getTime() : deadline) - Date.now();
    const reply: Reply = {
      instance: this.#attempts.instance,
      headers: plain(call.metadata),
      received,
      ...(Number.isFinite(left) ? { timeLeftMs: left } : {}),
      ...(order.size === undefined ? {} : { padding: 'x'.repeat(order.size) }),
    };
    return Buffer.from(JSON.stringify(reply));
  }

  async #answer(
    call: ServerUnaryCall<Buffer, Buffer> | ServerReadableStream<Buffer, Buffer>,
    received: number,
    reply: sendUnaryData<Buffer>,
  ): Promise<void> {
    const { order, failing } = this.#arrived(call);
    const answer = this.#reply(call, received, order);
    if (order.delayMs !== undefined) await pause(order.delayMs);
    if (failing) reply({ code: order.code ?? 2, details: 'as ordered' });
    else reply(null, answer);
  }

  async #stream(call: ServerWritableStream<Buffer, Buffer>): Promise<void> {
    const { order, failing } = this.#arrived(call);
    call.on('error', () => {});
    for (let index = 0; index < (order.messages ?? 3) && !call.cancelled; index++) {
      if (index > 0 && order.delayMs !== undefined) await pause(order.delayMs);
      if (!call.write(this.#reply(call, 1, order)))
        await Promise.race([
          new Promise((resolve) => call.once('drain', resolve)),
          new Promise((resolve) => call.once('cancelled', resolve)),
        ]);
    }
    if (failing) call.emit('error', { code: order.code, details: 'as ordered' });
    else call.end();
  }
}

/**
 * Makes the calls of a step on a connection of their own.
 *
 * @param target - `host:port`; the variable `grpc_proxy` is read now, if `proxy` does not replace it.
 * @param authority - what the calls are for, where that is not the target.
 */
export async function makeCalls(
  target: string,
  call: Call,
  step: string,
  { proxy, authority }: { readonly proxy?: string | undefined; readonly authority?: string | undefined } = {},
): Promise<readonly Observation[]> {
  const before = process.env.grpc_proxy;
  if (proxy !== undefined) process.env.grpc_proxy = proxy;
  const client = new Client(target, credentials.createInsecure(), {
    'grpc.enable_retries': 0,
    'grpc.service_config_disable_resolution': 1,
    'grpc.use_local_subchannel_pool': 1,
    ...(authority === undefined ? {} : { 'grpc.default_authority': authority }),
  });
  if (proxy !== undefined) {
    if (before === undefined) delete process.env.grpc_proxy;
    else process.env.grpc_proxy = before;
  }
  const observations: Observation[] = [];
  const times = call.times ?? 1;
  let next = 0;
  await Promise.all(
    Array.from({ length: Math.min(call.atOnce ?? 1, times) }, async () => {
      while (next < times) observations.push(await makeCall(client, call, step, next++));
    }),
  );
  client.close();
  return observations;
}

function makeCall(client: Client, call: Call, step: string, number: number): Promise<Observation> {
  const order: Sent = { ...call.order, step, call: `${step}/${number}` };
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(call.headers ?? {}))
    metadata.set(name, value.replaceAll('{n}', String(number)));
  metadata.set('x-order', encodeOrder(order));
  const deadlineMs = call.deadlineMs ?? 20_000;
  const options: CallOptions = deadlineMs === 0 ? {} : { deadline: Date.now() + deadlineMs };
  const kind = call.kind ?? 'single';
  const path = call.other === true ? ECHO.Other.path : PATHS[kind];
  const start = performance.now();
  return new Promise((resolve) => {
    let first: Reply | undefined;
    let messages = 0;
    let responseHeaders: Record<string, string> = {};
    // A bidi call is the general form: what differs between the four kinds is how many messages each side sends.
    const stream = client.makeBidiStreamRequest<Buffer, Buffer>(path, octets, octets, metadata, options);
    stream.on('metadata', (received: Metadata) => {
      responseHeaders = plain(received);
    });
    stream.on('data', (chunk: Buffer) => {
      messages++;
      first ??= JSON.parse(chunk.toString()) as Reply;
    });
    stream.on('error', () => {});
    stream.on('status', ({ code, details }) =>
      resolve({
        code,
        details,
        messages,
        responseHeaders,
        tookMs: performance.now() - start,
        ...(first === undefined ? {} : { instance: first.instance, headers: first.headers }),
        ...(first?.timeLeftMs === undefined ? {} : { timeLeftMs: first.timeLeftMs }),
      }),
    );
    if (call.cancelAfterMs !== undefined) setTimeout(() => stream.cancel(), call.cancelAfterMs).unref();
    const sends = kind === 'single' || kind === 'serverStream' ? 1 : (call.send ?? 3);
    for (let index = 0; index < sends; index++) stream.write(Buffer.from('{}'));
    stream.end();
  });
}

/** What a driver asks of a workload in a container: one line of JSON, answered with one. */
export interface Command {
  readonly id: number;
  readonly calls?: { readonly target: string; readonly call: Call; readonly step: string; readonly authority?: string };
  readonly requests?: { readonly target: string; readonly request: Request; readonly step: string };
  readonly arrivals?: string;
}

async function obey(attempts: Attempts, { calls, requests, arrivals }: Command): Promise<unknown> {
  if (calls !== undefined) return makeCalls(calls.target, calls.call, calls.step, { authority: calls.authority });
  if (requests !== undefined) return makeRequests(requests.target, requests.request, requests.step);
  return attempts.arrivals(arrivals ?? '');
}

if (import.meta.main) {
  const attempts = new Attempts(process.env.INSTANCE ?? 'unknown');
  await new HttpEcho(attempts).listen('0.0.0.0:8080');
  await new EchoServer(attempts).listen('0.0.0.0:50051');
  // Commands come over the loopback interface, which no sidecar touches: `kubectl exec` joins a driver to it.
  const control = createServer((socket) => {
    socket.on('error', () => {});
    createInterface({ input: socket }).on('line', (line) => {
      const command = JSON.parse(line) as Command;
      obey(attempts, command).then(
        (result) => socket.write(`${JSON.stringify({ id: command.id, result })}\n`),
        (error: unknown) => socket.write(`${JSON.stringify({ id: command.id, error: String(error) })}\n`),
      );
    });
  });
  control.listen(9101, '127.0.0.1');
  process.once('SIGTERM', () => process.exit(0));
}
