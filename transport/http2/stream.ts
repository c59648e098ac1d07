// One HTTP/2 stream, either side: what may be sent, what was received, and the credit that keeps both bounded.
// It calls its handler synchronously while frames are read; a handler may reset or answer the stream in the call.
import type { HeaderList } from '../hpack/decoder.ts';
import type { HeaderTemplate } from '../hpack/header-template.ts';
import type { Http2Connection } from './connection.ts';

/** Who ended a stream early. `connection`: the connection closed under it; `refused`: it was certainly not processed. */
export type ResetSource = 'peer' | 'local' | 'connection' | 'refused';

/** What a stream's owner implements. Every method is called on the reading tick. */
export interface StreamHandler {
  /** Client side: the final response headers. Server side requests arrive through `ConnectionListener.onRequest`. */
  onHeaders(stream: Http2Stream, headers: HeaderList, endStream: boolean): void;
  /** Client side: a 1xx response, which may come several times before the final one. */
  onInformation?(stream: Http2Stream, headers: HeaderList): void;
  /**
   * Octets `bytes[start, end)`; they may be kept, never written to. The owner gives the credit back with
   * `stream.consume(end - start)` when it has dealt with them; until then the peer's window shrinks.
   */
  onData(stream: Http2Stream, bytes: Buffer, start: number, end: number, endStream: boolean): void;
  /** Trailers; the peer has ended its side. */
  onTrailers(stream: Http2Stream, headers: HeaderList): void;
  /** The stream ended early. Nothing can be sent any more. Not called for the owner's own `reset`. */
  onReset(stream: Http2Stream, code: number, source: ResetSource): void;
  /** After a send returned false: there is room again. */
  onDrain(stream: Http2Stream): void;
  /** Another method of this handler threw. Returning true says that the stream has been ended; else it is reset. */
  onFailure?(stream: Http2Stream, error: unknown): boolean;
  /** Nothing came for `messageTimeout` while `stream.awaiting` was set. */
  onStalled(stream: Http2Stream): void;
}

/** Stands in until the owner has set its own: what comes is dropped. */
export const NOBODY: StreamHandler = {
  onHeaders() {},
  onData(stream, _bytes, start, end) {
    stream.consume(end - start);
  },
  onTrailers() {},
  onReset() {},
  onDrain() {},
  onStalled() {},
};

/** Octets that wait for credit. `prefix` is a gRPC message prefix's flag that is still to be written, or -1. */
export interface Queued {
  bytes: Uint8Array;
  offset: number;
  prefix: number;
}

/** A closing or opening field block that waits behind data. */
export interface QueuedTrailers {
  readonly template: HeaderTemplate | undefined;
  readonly fields: readonly string[] | undefined;
  readonly never: readonly string[] | undefined;
}

export class Http2Stream {
  readonly connection: Http2Connection;
  /** 0 until a client's stream has sent its headers. */
  id: number;
  handler: StreamHandler;
  /** Free for the owner. */
  data: unknown = undefined;
  /** We have sent END_STREAM. */
  localClosed = false;
  /** The peer has sent END_STREAM. */
  remoteClosed = false;
  /** Both sides are done, or the stream was reset. */
  closed = false;
  /** Final (not 1xx) headers were received. */
  headersReceived = false;
  /** Headers were sent. */
  headersSent = false;
  /** The received header list went over `maxHeaderListSize` and was cut. */
  listTooLarge = false;
  /** Names that the peer forbids to index, in the last list received. A proxy passes them to `sendHeaders`. */
  neverIndexed: readonly string[] | undefined = undefined;
  /** Set by the owner when it wants nothing more: once our side has ended, the peer is asked to stop (NO_ERROR). */
  inputUnwanted = false;
  /** Set by the owner while the peer owes octets (an unfinished message): then `messageTimeout` applies. */
  awaiting = false;
  /** Milliseconds of the sweeper's clock when octets last arrived. */
  touchedAt = 0;
  /** The same for octets sent, or for the beginning of a wait. */
  sentAt = 0;
  sendWindow: number;
  receiveWindow: number;
  /** Octets received and not released. */
  buffered = 0;
  /** Octets that wait to be sent. */
  queuedBytes = 0;
  queue: Queued[] | undefined = undefined;
  trailers: QueuedTrailers | undefined = undefined;
  endQueued = false;
  /** A send returned false and `onDrain` is owed. */
  needDrain = false;
  /** In the sender's list of streams with something to send. */
  listed = false;
  /** Content length that the peer declared, or -1. */
  expectedLength = -1;
  receivedLength = 0;
  /** Belongs to the connection's table of streams. */
  nextInTable: Http2Stream | undefined = undefined;
  #granted = 0;

  constructor(connection: Http2Connection, id: number, handler: StreamHandler, sendWindow: number, window: number) {
    this.connection = connection;
    this.id = id;
    this.handler = handler;
    this.sendWindow = sendWindow;
    this.receiveWindow = window;
  }

  /**
   * Sends headers: a request, a response, or trailers (with `endStream`). Names are lower case; the list is
   * [name, value, ...]. `never` names fields that no hop may index. Trailers wait behind data that is queued.
   */
  sendHeaders(headers: readonly string[], endStream: boolean, never?: readonly string[]): void {
    this.connection.sender.headers(this, undefined, headers, endStream, never);
  }

  /** Server side: sends a 1xx response before the final headers. */
  sendInformation(headers: readonly string[]): void {
    if (!this.headersSent) this.connection.sender.information(this, headers);
  }

  /** As `sendHeaders`, from a template that repeats, followed by `fields`. */
  sendTemplate(template: HeaderTemplate, fields: readonly string[] | undefined, endStream: boolean): void {
    this.connection.sender.headers(this, template, fields, endStream, undefined);
  }

  /** Sends octets. False: over `sendBuffer`, wait for `onDrain` (nothing is lost). `bytes` must not change until sent. */
  sendData(bytes: Uint8Array, endStream: boolean): boolean {
    return this.connection.sender.data(this, -1, bytes, endStream);
  }

  /** Sends one gRPC message: prefix and octets. Same result as `sendData`. */
  sendMessage(bytes: Uint8Array, compressed: boolean, endStream: boolean): boolean {
    return this.connection.sender.data(this, compressed ? 1 : 0, bytes, endStream);
  }

  /** Ends the stream at once with `code`; what is queued is dropped. The handler is not called. */
  reset(code: number): void {
    if (!this.closed) this.connection.resetStream(this, code);
  }

  /** The owner is done with `octets`: both windows may open again. */
  consume(octets: number): void {
    this.release(octets);
    this.grant(octets);
  }

  /** Opens this stream's window by `octets`, while they are still held (a message that is being assembled). */
  grant(octets: number): void {
    if (this.remoteClosed || this.closed || octets === 0) return;
    this.#granted += octets;
    const { streamWindow } = this.connection.limits;
    if (this.#granted * 2 < streamWindow) return;
    this.receiveWindow += this.#granted;
    this.connection.sender.windowUpdate(this.id, this.#granted);
    this.#granted = 0;
  }

  /** `octets` are no longer held. */
  release(octets: number): void {
    if (octets > this.buffered) octets = this.buffered;
    this.buffered -= octets;
    this.connection.release(octets);
  }

  /** Everything that was received is dropped. */
  releaseAll(): void {
    if (this.buffered > 0) this.release(this.buffered);
  }
}
