// The server side of the platform's own transport behind ServerTransport.
// The transport tells of messages as they come; the pipeline asks for them one at a time, so one may wait here.

import {
  createServer,
  encodeBinary,
  type MethodHandler,
  type Server,
  type ServerCall as TransportCall,
} from '#transport';
import { timeOfDay } from '../../clock/timers.ts';
import { codeOf } from '../../errors/to-rpc-error.ts';
import type { ServerLimits } from '../limits.ts';
import type {
  CreateServerTransport,
  IncomingHeaders,
  OutgoingStatus,
  ServerCall,
  ServerCallListener,
  ServerTls,
  ServerTransport,
  TransportMethod,
} from '../server-transport.ts';
import { removeStaleSocket } from './stale-socket.ts';

const entryBytes = 32;
/**
 * The pipeline refuses metadata beyond its bound, and says so with details. What is beyond this many times the bound, fields
 * of HTTP/2 and gRPC included, the transport refuses before it is kept.
 */
const headerRoom = 2;
/** Draining is bounded by the pipeline, which cuts what takes too long. */
const drainMs = 24 * 3_600_000;

class FairleadHeaders implements IncomingHeaders {
  readonly #list: readonly string[];
  #changed: Map<string, string> | undefined;

  constructor(list: readonly string[]) {
    this.#list = list;
  }

  get byteLength(): number {
    let total = 0;
    for (let index = 0; index < this.#list.length; index += 2) {
      const name = this.#list[index] ?? '';
      if (!name.startsWith(':')) total += name.length + (this.#list[index + 1]?.length ?? 0) + entryBytes;
    }
    return total;
  }

  list(): string[] {
    const list: string[] = [];
    for (let index = 0; index < this.#list.length; index += 2) {
      const name = this.#list[index] ?? '';
      if (!name.startsWith(':')) list.push(name, this.#list[index + 1] ?? '');
    }
    return list;
  }

  get(name: string): string | undefined {
    const changed = this.#changed?.get(name);
    if (changed !== undefined) return changed;
    let found: string | undefined;
    for (let index = 0; index < this.#list.length; index += 2) {
      if (this.#list[index] !== name) continue;
      const value = this.#list[index + 1] ?? '';
      found = found === undefined ? value : `${found},${value}`;
    }
    return found;
  }

  set(name: string, value: string): void {
    this.#changed ??= new Map();
    this.#changed.set(name, value);
  }
}

class FairleadCall implements ServerCall {
  readonly headers: FairleadHeaders;
  readonly deadline: number;
  readonly #call: TransportCall;
  readonly #method: TransportMethod;
  #listener: ServerCallListener | undefined;
  /** The one message of a request that is no stream, until it is pulled. */
  #waiting: Buffer | undefined;
  #asked = 0;
  #ended = false;
  #flushed: (() => void)[] = [];

  constructor(call: TransportCall, method: TransportMethod) {
    this.#call = call;
    this.#method = method;
    this.headers = new FairleadHeaders(call.headers);
    this.deadline = call.timeLeft === Number.POSITIVE_INFINITY ? call.timeLeft : timeOfDay() + call.timeLeft;
  }

  get peer(): string {
    const { socket } = this.#call.stream.connection as { readonly socket?: { readonly remoteAddress?: string } };
    return socket?.remoteAddress ?? 'unknown';
  }

  start(listener: ServerCallListener): void {
    this.#listener = listener;
  }

  pull(): void {
    this.#asked++;
    if (this.#method.requestStream && !this.#ended) this.#call.pull();
    this.#deliver();
  }

  head(fields: readonly string[]): void {
    if (this.#acceptsGzip()) this.#call.outgoing = 'gzip';
    this.#call.sendHeaders(fields);
  }

  send(bytes: Buffer, compress: boolean, flushed: () => void): void {
    const call = this.#call;
    if (!call.started && (compress || this.#method.responseStream) && this.#acceptsGzip()) call.outgoing = 'gzip';
    if (call.sendMessage(bytes, compress) && this.#flushed.length === 0) flushed();
    else this.#flushed.push(flushed);
  }

  end({ code, message, details, trailers }: OutgoingStatus): void {
    const detailed = details === undefined ? undefined : ['grpc-status-details-bin', encodeBinary(details)];
    this.#call.finish(
      code,
      message.toWellFormed(),
      trailers === undefined ? detailed : trailers.concat(detailed ?? []),
    );
  }

  // What the transport tells.

  onMessage(bytes: Buffer): void {
    if (this.#method.requestStream) {
      this.#asked--;
      this.#listener?.message(bytes);
    } else {
      this.#waiting = bytes;
      this.#ended = true;
      this.#deliver();
    }
  }

  onEnd(): void {
    this.#ended = true;
    this.#deliver();
  }

  onDrain(): void {
    for (const flushed of this.#flushed.splice(0)) flushed();
  }

  onRefused(code: number, message: string): void {
    this.#listener?.refused(codeOf(code), message);
  }

  onCancel(): void {
    this.#listener?.cancelled();
  }

  #deliver(): void {
    const waiting = this.#waiting;
    if (this.#asked > 0 && waiting !== undefined) {
      this.#waiting = undefined;
      this.#asked--;
      this.#listener?.message(waiting);
    }
    if (this.#asked > 0 && this.#ended && this.#waiting === undefined) {
      this.#asked = 0;
      this.#listener?.halfClosed();
    }
  }

  #acceptsGzip(): boolean {
    return this.headers.get('grpc-accept-encoding')?.includes('gzip') ?? false;
  }
}

function handlerOf(method: TransportMethod): MethodHandler {
  return {
    requestStream: method.requestStream,
    onCall(call) {
      const taken = new FairleadCall(call, method);
      call.data = taken;
      method.accept(taken);
    },
    onMessage: (call, bytes) => (call.data as FairleadCall).onMessage(bytes),
    onEnd: (call) => (call.data as FairleadCall).onEnd(),
    onDrain: (call) => (call.data as FairleadCall).onDrain(),
    onRefused: (call, code, message) => (call.data as FairleadCall).onRefused(code, message),
    onCancel: (call) => (call.data as FairleadCall).onCancel(),
  };
}

class FairleadServer implements ServerTransport {
  readonly #server: Server;

  constructor(methods: readonly TransportMethod[], limits: ServerLimits) {
    this.#server = createServer({
      maxReceiveMessage: Math.max(0, ...methods.map((method) => method.maxRequestBytes)),
      maxSendMessage: limits.maxResponseBytes,
      maxConcurrentStreams: limits.maxConcurrentStreams,
      maxHeaderListSize: limits.maxMetadataBytes * headerRoom,
      sessionMemory: limits.maxSessionMemoryMiB * 1024 * 1024,
      keepaliveTime: limits.keepaliveTimeMs,
      keepaliveTimeout: limits.keepaliveTimeoutMs,
      maxConnectionAge: limits.maxConnectionAgeMs,
      maxConnectionAgeGrace: limits.maxConnectionAgeGraceMs,
    });
    for (const method of methods) this.#server.handle(method.path, handlerOf(method));
  }

  async listen(address: string, keys?: ServerTls): Promise<string> {
    await removeStaleSocket(address);
    const colon = address.lastIndexOf(':');
    const host = address.slice(0, colon);
    const { cert, key, clientCa: ca } = keys ?? {};
    const secure = keys === undefined ? {} : { tls: { cert, key, ca, requireClientCertificate: ca !== undefined } };
    try {
      if (address.startsWith('unix:')) {
        await this.#server.listen({ path: address.slice('unix:'.length), ...secure });
        return address;
      }
      const { port } = await this.#server.listen({
        host: host.replace(/^\[|\]$/g, ''),
        port: Number(address.slice(colon + 1)),
        ...secure,
      });
      return `${host}:${port}`;
    } catch (cause) {
      const { message } = cause as Error;
      throw new Error(`cannot listen on ${address}; check FAIRLEAD_LISTEN: ${message}`, { cause });
    }
  }

  drain(): Promise<void> {
    return this.#server.drain(drainMs);
  }

  destroy(): void {
    this.#server.close();
  }
}

export const createFairleadServer: CreateServerTransport = (methods, limits) => new FairleadServer(methods, limits);
