// The server side of @grpc/grpc-js behind ServerTransport; with client/transports/grpc-js-client.ts the only file that touches it.
// Calls are taken over in an interceptor, below grpc-js's event emitters and streams, which the pipeline does not need.

import { constants, type ServerHttp2Stream } from 'node:http2';
import { gzip } from 'node:zlib';
import grpc from '@grpc/grpc-js';
import { after } from '../../clock/timers.ts';
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

type InterceptingCall = grpc.ServerInterceptingCallInterface;

/** Fields of a call that grpc-js's types do not have. */
interface CallInside {
  readonly stream?: ServerHttp2Stream;
  /** What the request declared in `grpc-encoding`. */
  readonly incomingEncoding?: string;
  readonly decoder?: { readonly readState?: unknown };
}

/** Overhead of one entry in HTTP/2's count of header bytes. */
const entryBytes = 32;

/** Taken out of grpc-js's Metadata once, because every look into that checks the name anew. */
class GrpcJsHeaders implements IncomingHeaders {
  readonly byteLength: number;
  /** Names and values in turn. */
  readonly #list: string[] = [];

  constructor(metadata: grpc.Metadata) {
    const values = metadata.toJSON();
    let total = 0;
    for (const name in values) {
      for (const value of values[name] ?? []) {
        // Binary values count as the octets that they stand for.
        total += name.length + value.length + entryBytes;
        this.#list.push(name, typeof value === 'string' ? value : value.toString('base64'));
      }
    }
    this.byteLength = total;
  }

  list(): string[] {
    return [...this.#list];
  }

  get(name: string): string | undefined {
    let found: string | undefined;
    for (let index = 0; index < this.#list.length; index += 2) {
      if (this.#list[index] !== name) continue;
      const value = this.#list[index + 1] ?? '';
      found = found === undefined ? value : `${found},${value}`;
    }
    return name.endsWith('-bin') ? undefined : found;
  }

  set(name: string, value: string): void {
    for (let index = 0; index < this.#list.length; index += 2) {
      if (this.#list[index] !== name) continue;
      this.#list[index + 1] = value;
      return;
    }
    this.#list.push(name, value);
  }
}

/**
 * grpc-js writes status details in padded base64, where gRPC asks senders not to pad. A field that google.rpc.Status
 * does not have, two bytes at a time, brings the length to a multiple of three, where there is nothing to pad.
 */
function unpaddable(details: Buffer): Buffer {
  const fields = [0, 1, 2][details.length % 3] ?? 0;
  return fields === 0 ? details : Buffer.concat([details, Buffer.from([0x78, 0, 0x78, 0].slice(0, fields * 2))]);
}

/** A response as grpc-js's framing takes it: it asks for the size, clears the compressed flag and has it copied. */
interface Frame {
  readonly byteLength: number;
  copy(target: Buffer, offset: number): void;
}

/** grpc-js cannot compress responses: the flag is set while the message is copied behind it. */
function compressedFrame(bytes: Buffer): Frame {
  return {
    byteLength: bytes.length,
    copy(target, offset) {
      bytes.copy(target, offset);
      target[offset - 5] = 1;
    },
  };
}

/** How long a caller whose call was answered may take to end its own side, in milliseconds. */
const lingerMs = 250;

/** How long a caller that reads slowly may take until it has read the answer, in milliseconds. */
const patienceMs = 30_000;

/**
 * Closes a stream whose caller goes on sending after the answer (RFC 9113, 8.1): grpc-js would keep it open for as long
 * as the caller likes. An answer that waits behind what the caller has not read yet is let out first, in reason.
 */
function closeStream(call: InterceptingCall): void {
  const { stream } = call as CallInside;
  if (stream?.closed !== false) return;
  // An answer without messages is headers alone.
  if (stream.sentTrailers !== undefined || stream.sentHeaders?.['grpc-status'] !== undefined) {
    resetStream(stream);
  } else {
    stream.once('wantTrailers', () => after(lingerMs, resetStream, stream).unref());
    after(patienceMs, resetStream, stream).unref();
  }
}

function resetStream(stream: ServerHttp2Stream): void {
  stream.close(constants.NGHTTP2_NO_ERROR);
}

/** Lets go of the call that a closed stream carried: Node's table of streams outlives young collections, and so would the call. */
function forgetListeners(this: ServerHttp2Stream): void {
  this.removeAllListeners();
}

/** True when a request was cut off inside of a message, which grpc-js takes for its end. */
function cutOff(call: InterceptingCall): boolean {
  const { decoder } = call as CallInside;
  return typeof decoder?.readState === 'number' && decoder.readState !== 0;
}

class GrpcJsCall implements ServerCall {
  readonly deadline: number;
  readonly #call: InterceptingCall;
  readonly #method: TransportMethod;
  readonly #sendStatus: InterceptingCall['sendStatus'];
  #headers: IncomingHeaders | undefined;
  #listener: ServerCallListener | undefined;
  #gzip = false;
  #halfClosed = false;
  #ended = false;
  /** Sends wait for the one that is being compressed. */
  #compressing: Promise<void> | undefined;

  constructor(call: InterceptingCall, method: TransportMethod) {
    this.#call = call;
    this.#method = method;
    this.deadline = Number(call.getDeadline());
    // grpc-js ends calls by itself too: late ones, too large ones, those that it cannot read. It asks its own object to
    // send the status, which is how the pipeline hears of it and answers with details, like everywhere else.
    this.#sendStatus = call.sendStatus;
    call.sendStatus = (status) => this.#refused(status);
    (call as CallInside).stream?.once('close', forgetListeners);
  }

  get headers(): IncomingHeaders {
    this.#headers ??= new GrpcJsHeaders(new grpc.Metadata());
    return this.#headers;
  }

  get peer(): string {
    return this.#call.getPeer();
  }

  start(listener: ServerCallListener): void {
    this.#listener = listener;
  }

  pull(): void {
    this.#call.startRead();
  }

  head(fields: readonly string[]): void {
    const headers = metadataOf(fields);
    if (this.#gzip) headers.set('grpc-encoding', 'gzip');
    this.#call.sendMetadata(headers);
  }

  send(bytes: Buffer, compress: boolean, flushed: () => void): void {
    if (this.#compressing !== undefined) {
      this.#compressing = this.#compressing.then(() => this.#transmit(bytes, compress, flushed));
    } else {
      const pending = this.#transmit(bytes, compress, flushed);
      if (pending !== undefined) this.#compressing = pending;
    }
  }

  end(status: OutgoingStatus): void {
    if (this.#compressing !== undefined && status.code === 0) {
      void this.#compressing.then(() => this.#end(status));
    } else {
      this.#end(status);
    }
  }

  #end({ code, message, details, trailers }: OutgoingStatus): void {
    if (this.#ended) return;
    this.#ended = true;
    if (!this.#halfClosed) after(lingerMs, closeStream, this.#call).unref();
    const metadata = details === undefined && trailers === undefined ? noFields : metadataOf(trailers ?? []);
    if (details !== undefined) metadata.set('grpc-status-details-bin', unpaddable(details));
    // gRPC has no message on success; grpc-js would send "OK".
    this.#sendStatus.call(this.#call, { code, details: code === 0 ? '' : message.toWellFormed(), metadata });
  }

  #transmit(bytes: Buffer, compress: boolean, flushed: () => void): Promise<void> | undefined {
    if (this.#ended) return undefined;
    if (!compress || !this.#gzip) {
      // A later message of the stream may be compressed, and the headers cannot be sent then.
      if (this.#gzip && this.#method.responseStream) this.#announceGzip();
      this.#call.sendMetadata(noFields);
      this.#call.sendMessage(bytes, flushed);
      return undefined;
    }
    return new Promise((resolve) => {
      gzip(bytes, (error, compressed) => {
        if (!this.#ended) {
          this.#announceGzip();
          const smaller = error === null && compressed.length < bytes.length;
          this.#call.sendMessage(smaller ? compressedFrame(compressed) : bytes, flushed);
        }
        resolve();
      });
    });
  }

  /** Response headers go out once; grpc-js ignores a second time. */
  #announceGzip(): void {
    const headers = new grpc.Metadata();
    headers.set('grpc-encoding', 'gzip');
    this.#call.sendMetadata(headers);
  }

  #refused({ code, details }: Parameters<InterceptingCall['sendStatus']>[0]): void {
    if (this.#ended) return;
    if (this.#listener === undefined) {
      this.#end({ code, message: details });
    } else if (code !== grpc.status.INTERNAL) {
      this.#listener.refused(codeOf(code), details);
    } else if (/decompress|grpc-timeout/.test(details)) {
      this.#listener.refused('INTERNAL', details);
    } else {
      // A write failed: nobody is there any more.
      this.onCancel();
    }
  }

  // What grpc-js tells an interceptor's listener.

  onReceiveMetadata(metadata: grpc.Metadata): void {
    this.#headers = new GrpcJsHeaders(metadata);
    // grpc-js removes grpc-accept-encoding before anyone sees it; whoever may gzip its messages reads such ones too.
    this.#gzip = (this.#call as CallInside).incomingEncoding === 'gzip';
    this.#method.accept(this);
  }

  onReceiveMessage(bytes: Buffer): void {
    this.#listener?.message(bytes);
  }

  onReceiveHalfClose(): void {
    this.#halfClosed = true;
    if (cutOff(this.#call)) {
      this.#listener?.refused('INTERNAL', 'the stream ended in the middle of a message');
    } else {
      this.#listener?.halfClosed();
    }
  }

  onCancel(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#listener?.cancelled();
  }
}

/** Messages pass grpc-js as they are: the pipeline encodes and decodes. */
function asIs(value: unknown): Buffer {
  return value as Buffer;
}

function nothing(): void {}

/** Metadata without fields, one for all calls: grpc-js would make and copy two for each. */
class NoFields extends grpc.Metadata {
  override clone(): NoFields {
    return this;
  }
}

const noFields = new NoFields();

function metadataOf(fields: readonly string[]): grpc.Metadata {
  const metadata = new grpc.Metadata();
  for (let index = 0; index < fields.length; index += 2) {
    const name = fields[index] ?? '';
    const value = fields[index + 1] ?? '';
    metadata.add(name, name.endsWith('-bin') ? Buffer.from(value, 'base64') : value);
  }
  return metadata;
}

function credentialsOf(tls: ServerTls | undefined): grpc.ServerCredentials {
  if (tls === undefined) return grpc.ServerCredentials.createInsecure();
  const { cert, key, clientCa = null } = tls;
  return grpc.ServerCredentials.createSsl(clientCa, [{ cert_chain: cert, private_key: key }], clientCa !== null);
}

/**
 * Stands for every call towards grpc-js's own handler, which only starts it and hears nothing of it. One for all: an object with the
 * call as its prototype would give each call a hidden class of its own, and no property access in grpc-js would be cached.
 */
const inert = { start: nothing } as unknown as grpc.ServerInterceptingCall;

// What goes wrong comes as an error or a status to whoever asked; grpc-js's own lines on stderr would say it twice.
grpc.setLogVerbosity(grpc.logVerbosity.NONE);

class GrpcJsServer implements ServerTransport {
  readonly #server: grpc.Server;
  readonly #bound: string[] = [];

  constructor(methods: readonly TransportMethod[], limits: ServerLimits) {
    const byPath = new Map(methods.map((method) => [method.path, method]));
    this.#server = new grpc.Server({
      'grpc.max_receive_message_length': Math.max(0, ...methods.map((method) => method.maxRequestBytes)),
      'grpc.max_send_message_length': limits.maxResponseBytes,
      'grpc.max_concurrent_streams': limits.maxConcurrentStreams,
      'grpc.max_connection_age_ms': limits.maxConnectionAgeMs,
      'grpc.max_connection_age_grace_ms': limits.maxConnectionAgeGraceMs,
      'grpc.keepalive_time_ms': limits.keepaliveTimeMs,
      'grpc.keepalive_timeout_ms': limits.keepaliveTimeoutMs,
      'grpc-node.max_session_memory': limits.maxSessionMemoryMiB,
      'grpc.enable_channelz': 0,
      interceptors: [
        (definition, call) => {
          const method = byPath.get(definition.path);
          if (method === undefined) return call as grpc.ServerInterceptingCall;
          call.start(new GrpcJsCall(call, method));
          return inert;
        },
      ],
    });
    for (const method of methods) {
      this.#server.register(method.path, nothing, asIs, asIs, 'bidi');
    }
  }

  async listen(address: string, tls?: ServerTls): Promise<string> {
    await removeStaleSocket(address);
    const port = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync(address, credentialsOf(tls), (error, bound) => {
        if (error === null) resolve(bound);
        else
          reject(new Error(`cannot listen on ${address}; check FAIRLEAD_LISTEN: ${error.message}`, { cause: error }));
      });
    });
    const bound = address.startsWith('unix:') ? address : address.replace(/:\d+$/, `:${port}`);
    this.#bound.push(bound);
    return bound;
  }

  drain(): Promise<void> {
    return new Promise((resolve) => {
      // Its only error is that the server does not run.
      this.#server.tryShutdown(() => resolve());
    });
  }

  destroy(): void {
    // forceShutdown finds connections through channelz, which is off; drain finds them in any case.
    for (const address of this.#bound) this.#server.drain(address, 0);
    this.#server.forceShutdown();
  }
}

export const createGrpcJsServer: CreateServerTransport = (methods, limits) => new GrpcJsServer(methods, limits);
