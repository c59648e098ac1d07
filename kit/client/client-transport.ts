// What the clients need of a transport, and all that they may know of one. The mirror image of server-transport.ts.
import type { HeaderBag } from '../telemetry/header-bag.ts';

/** How a call ended. */
export interface IncomingStatus {
  /** Canonical code, 0 for OK. */
  readonly code: number;
  readonly message: string;
  /** Serialized `google.rpc.Status`. @default - none */
  readonly details?: Buffer | undefined;
  /** Metadata after the responses, as names and values in turn, binary values in base64. */
  readonly trailers: readonly string[];
}

/** Metadata of an outgoing call. */
export interface OutgoingHeaders extends HeaderBag {
  /** Adds a value beside those that a name has; of `-bin` names it is base64. */
  add(name: string, value: string): void;
}

/** What a client needs to speak TLS by itself; inside of the mesh its sidecar does. */
export interface ClientTls {
  /** PEM of the authorities that the server's certificate may come from. */
  readonly ca: Buffer;
  /** Name that the certificate must have. @default - the target's host */
  readonly serverName?: string;
  /** PEM of the client's own certificate and its key. @default - none */
  readonly own?: { readonly cert: Buffer; readonly key: Buffer };
}

/** Told about one outgoing call. */
export interface ClientCallListener {
  /** Metadata before the responses, as names and values in turn; not told of a call that ends without. */
  headers?(fields: readonly string[]): void;
  /** The next message, after a `pull`. */
  message(bytes: Buffer): void;
  /** The call has ended; nothing follows. */
  status(status: IncomingStatus): void;
}

/** One outgoing call. */
export interface ClientCall {
  /** Asks for the next message. */
  pull(): void;
  /** Sends a message; `flushed` is called when it left the process. */
  send(bytes: Buffer, compress: boolean, flushed: () => void): void;
  /** No more messages follow. */
  halfClose(): void;
  /** Gives the call up; the peer is told. */
  cancel(): void;
}

/** A connection to one address, opened at the first call and again whenever it is lost. */
export interface ClientChannel {
  /** Empty metadata for a call. */
  headers(): OutgoingHeaders;
  /**
   * Begins a call.
   *
   * @param path `/fairlead.payment.v1.PaymentService/Charge`
   * @param deadline milliseconds since the epoch, or Infinity
   * @param headers made by this channel's `headers`
   */
  call(path: string, deadline: number, headers: HeaderBag, listener: ClientCallListener): ClientCall;
  /** Lets calls end and closes the connection. */
  close(): void;
}

/** Options of a channel. */
export interface ChannelOptions {
  /** Name of the program in `user-agent`: `fairlead-order/v1`. */
  readonly userAgent: string;
  /** Honour `grpc_proxy`, which is how the laptop mesh catches calls. @default true */
  readonly proxy?: boolean;
  /** Value of `grpc_proxy`, for transports that do not read it by themselves. @default - no proxy */
  readonly proxyUrl?: string | undefined;
  /** Largest response message, in bytes. @default 16 MiB */
  readonly maxResponseBytes?: number;
  /**
   * Whether large messages may be gzipped, which calls then declare.
   *
   * @default - from the first response on that says that the server takes it; on grpc-js, which does not tell, always
   */
  readonly compression?: boolean;
  /** @default - plaintext */
  readonly tls?: ClientTls;
}

/** Opens channels; one file per library implements it. */
export type OpenChannel = (target: string, options: ChannelOptions) => ClientChannel;
