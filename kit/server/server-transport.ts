// What the server's pipeline needs of a transport, and all that it may know of one.
// Messages are pulled one at a time and sends say when they are flushed: that is the whole of backpressure.
import type { Code } from '../errors/rpc-error.ts';
import type { HeaderBag } from '../telemetry/header-bag.ts';
import type { ServerLimits } from './limits.ts';

/** Metadata of an incoming call. */
export interface IncomingHeaders extends HeaderBag {
  /** Size as HTTP/2 counts it: names, values and 32 bytes an entry (RFC 9113, 6.5.2). */
  readonly byteLength: number;
  /** All of it as names and values in turn, binary values in base64. */
  list(): string[];
}

/** How a call ends. */
export interface OutgoingStatus {
  /** Canonical code, 0 for OK. */
  readonly code: number;
  readonly message: string;
  /** Serialized `google.rpc.Status`. @default - none */
  readonly details?: Buffer;
  /** Further metadata, as names and values in turn. @default - none */
  readonly trailers?: readonly string[];
}

/** Told about one incoming call. Nothing is told after `cancelled`. */
export interface ServerCallListener {
  /** The next message, after a `pull`. */
  message(bytes: Buffer): void;
  /** The caller will send no more, after a `pull`. */
  halfClosed(): void;
  /**
   * The transport cannot go on with the call, which the listener is to end: it is late, too large, has not the messages that
   * its kind has, or cannot be read, which is INTERNAL (gRPC's status codes): cut inside of a message, not to be inflated.
   */
  refused(code: Code, message: string): void;
  /** The caller went away. */
  cancelled(): void;
}

/** One incoming call. */
export interface ServerCall {
  readonly headers: IncomingHeaders;
  /** From `grpc-timeout`, in milliseconds since the epoch; Infinity without one. */
  readonly deadline: number;
  /** Address of the peer's connection. */
  readonly peer: string;
  /** Starts telling the listener. */
  start(listener: ServerCallListener): void;
  /** Asks for the next message: one `message` or `halfClosed` follows. */
  pull(): void;
  /** Sends response metadata, as names and values in turn; it is sent by itself with the first message otherwise. */
  head(fields: readonly string[]): void;
  /** Sends a message; `flushed` is called when it left the process. */
  send(bytes: Buffer, compress: boolean, flushed: () => void): void;
  /** Ends the call. Later sends and ends do nothing. */
  end(status: OutgoingStatus): void;
}

/** One method that a transport is to accept calls of. */
export interface TransportMethod {
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  /** Largest request message, in bytes. */
  readonly maxRequestBytes: number;
  /** Called once a call, as soon as its headers are there. */
  accept(call: ServerCall): void;
}

/** Keys of a server that speaks TLS by itself; inside of the mesh its sidecar does. */
export interface ServerTls {
  /** PEM. */
  readonly cert: Buffer;
  /** PEM. */
  readonly key: Buffer;
  /** PEM of the authority whose certificate every client must have. @default - clients need none */
  readonly clientCa?: Buffer;
}

/** A listening gRPC server. */
export interface ServerTransport {
  /**
   * Opens a socket.
   *
   * @param address `host:port` (0 for any free port) or `unix:/path`
   * @param tls plaintext without
   * @returns the address with the port that was taken
   */
  listen(address: string, tls?: ServerTls): Promise<string>;
  /** Takes no new connections and calls, and resolves when the last call has ended. */
  drain(): Promise<void>;
  /** Ends every connection at once. */
  destroy(): void;
}

/** Makes a transport; one file per library implements it. */
export type CreateServerTransport = (methods: readonly TransportMethod[], limits: ServerLimits) => ServerTransport;
