// The call objects that handlers written for grpc-js expect, over this transport's `ServerCall`.
// One class for unary calls and one for the three kinds with a stream, which are a Duplex with a side left out.
import { EventEmitter } from 'node:events';
import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { Metadata, ServerErrorResponse, StatusObject } from '@grpc/grpc-js';
import { Status } from '../grpc/status.ts';
import type { ServerCall } from '../server/server-call.ts';
import { fromMetadata, toMetadata } from './metadata-fields.ts';

export type Outcome = Partial<ServerErrorResponse> | Partial<StatusObject>;

/** Code, text and trailers of what a handler gave as its error. */
export function finishWith(call: ServerCall, error: Outcome, trailers?: Metadata): void {
  const code = typeof error.code === 'number' && Number.isInteger(error.code) ? error.code : Status.UNKNOWN;
  const known = typeof error.code === 'number' && typeof error.details === 'string';
  const text = known ? error.details : 'message' in error ? error.message : 'Unknown Error';
  call.finish(code, text ?? '', fromMetadata(trailers ?? error.metadata));
}

/** `ipv4:port` of the client, a path for a unix socket. */
function peerOf(call: ServerCall): string {
  const { socket } = call.stream.connection;
  if (!(socket instanceof Socket) || socket.remoteAddress === undefined) return 'unknown';
  const address = socket.remoteAddress;
  return address.includes(':') ? `[${address}]:${socket.remotePort}` : `${address}:${socket.remotePort}`;
}

/** A date, or Infinity, as grpc-js says it. */
function deadlineOf(call: ServerCall): Date | number {
  return call.dueAt === Number.POSITIVE_INFINITY ? call.dueAt : new Date(performance.timeOrigin + call.dueAt);
}

function authContextOf(call: ServerCall): object {
  const { socket } = call.stream.connection;
  if (!(socket instanceof TLSSocket)) return {};
  return { transportSecurityType: 'ssl', sslPeerCertificate: socket.getPeerCertificate() };
}

/** What both kinds of call offer beside their streams. */
export class CallSurface {
  readonly core: ServerCall;
  readonly metadata: Metadata;

  constructor(core: ServerCall) {
    this.core = core;
    this.metadata = toMetadata(core.headers);
  }

  sendMetadata(metadata: Metadata): void {
    this.core.sendHeaders(fromMetadata(metadata));
  }
}

export class UnaryCall extends EventEmitter {
  readonly request: unknown;
  cancelled = false;
  readonly #surface: CallSurface;

  constructor(core: ServerCall, request: unknown) {
    super();
    this.#surface = new CallSurface(core);
    this.request = request;
  }

  get metadata(): Metadata {
    return this.#surface.metadata;
  }

  sendMetadata(metadata: Metadata): void {
    this.#surface.sendMetadata(metadata);
  }

  getPeer(): string {
    return peerOf(this.#surface.core);
  }

  getDeadline(): Date | number {
    return deadlineOf(this.#surface.core);
  }

  getPath(): string {
    return this.#surface.core.path;
  }

  getHost(): string {
    return this.#surface.core.header(':authority') ?? '';
  }

  getAuthContext(): object {
    return authContextOf(this.#surface.core);
  }

  cancel(): void {
    this.cancelled = true;
    this.emit('cancelled', 'cancelled');
  }
}

type WriteDone = (error?: Error | null) => void;

export class StreamCall extends Duplex {
  /** The one request of a server stream. */
  readonly request: unknown;
  cancelled = false;
  readonly #surface: CallSurface;
  readonly #serialize: (value: unknown) => Buffer;
  #outcome: Outcome | undefined;
  #trailers: Metadata | undefined;
  #waiting: WriteDone | undefined;

  constructor(
    core: ServerCall,
    sides: { readonly readable: boolean; readonly writable: boolean },
    serialize: (value: unknown) => Buffer,
    request?: unknown,
  ) {
    super({ ...sides, objectMode: true, autoDestroy: false });
    this.#surface = new CallSurface(core);
    this.#serialize = serialize;
    this.request = request;
    // A handler reports failure by emitting an error (grpc-js's way): it becomes the status.
    this.on('error', (error: Error) => {
      this.#outcome = error as Outcome;
      if (sides.writable) this.end();
    });
  }

  get metadata(): Metadata {
    return this.#surface.metadata;
  }

  sendMetadata(metadata: Metadata): void {
    this.#surface.sendMetadata(metadata);
  }

  getPeer(): string {
    return peerOf(this.#surface.core);
  }

  getDeadline(): Date | number {
    return deadlineOf(this.#surface.core);
  }

  getPath(): string {
    return this.#surface.core.path;
  }

  getHost(): string {
    return this.#surface.core.header(':authority') ?? '';
  }

  getAuthContext(): object {
    return authContextOf(this.#surface.core);
  }

  override _read(): void {
    this.#surface.core.pull();
  }

  override _write(value: unknown, _encoding: BufferEncoding, done: WriteDone): void {
    let octets: Buffer;
    try {
      octets = this.#serialize(value);
    } catch (error) {
      this.#surface.core.finish(Status.INTERNAL, `the response cannot be serialized: ${(error as Error).message}`);
      done();
      return;
    }
    if (this.#surface.core.sendMessage(octets)) done();
    else this.#waiting = done;
  }

  override _final(done: WriteDone): void {
    done();
    const { core } = this.#surface;
    if (this.#outcome === undefined) core.finish(Status.OK, '', fromMetadata(this.#trailers));
    else finishWith(core, this.#outcome, this.#trailers);
  }

  /** Ends the call, with trailing metadata if given. */
  override end(...rest: unknown[]): this {
    const [trailers] = rest;
    if (trailers !== undefined && typeof trailers === 'object') this.#trailers = trailers as Metadata;
    return super.end();
  }

  drained(): void {
    const done = this.#waiting;
    this.#waiting = undefined;
    done?.();
  }

  cancel(): void {
    this.cancelled = true;
    this.emit('cancelled', 'cancelled');
    this.destroy();
  }
}
