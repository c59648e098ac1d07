// A gRPC call as the server sees it: headers, messages, trailers. One object and one stream a call, no closures.
// Whatever happens, exactly one of `finish` (or `reply`) and `onCancel` ends it.
import { ACCEPT_ENCODING, compress, type Encoding } from '../grpc/compression.ts';
import { MessageStream } from '../grpc/message-stream.ts';
import { percentEncode } from '../grpc/percent.ts';
import { Status } from '../grpc/status.ts';
import type { HeaderList } from '../hpack/decoder.ts';
import { HeaderTemplate } from '../hpack/header-template.ts';
import { deadlineWheel, type Timed } from '../http2/clock/deadline-wheel.ts';
import { assertSendable, headerValue } from '../http2/receive/header-rules.ts';
import type { Http2Stream, ResetSource } from '../http2/stream.ts';
import type { MethodHandler } from './method-handler.ts';

const COMMON = [':status', '200', 'content-type', 'application/grpc', 'grpc-accept-encoding', ACCEPT_ENCODING];
const HEADERS = new HeaderTemplate(COMMON);
const COMPRESSED: Record<Encoding, HeaderTemplate> = {
  identity: HEADERS,
  gzip: new HeaderTemplate([...COMMON, 'grpc-encoding', 'gzip']),
  deflate: new HeaderTemplate([...COMMON, 'grpc-encoding', 'deflate']),
};
const TRAILERS_OK = new HeaderTemplate(['grpc-status', '0']);

/** Settings of the server that every call reads. */
export interface CallLimits {
  /** Largest message from the client, octets. */
  readonly maxReceiveMessage: number;
  /** Largest message to the client, octets. */
  readonly maxSendMessage: number;
}

export class ServerCall extends MessageStream implements Timed {
  override readonly stream: Http2Stream;
  /** `/package.Service/Method`. */
  readonly path: string;
  /** Every field of the request in order, pseudo-header fields included: [name, value, ...]. */
  readonly headers: HeaderList;
  readonly handler: MethodHandler;
  /** Free for the owner: the call's context. */
  data: unknown = undefined;
  /** Ended before `finish`: see `cancelReason`. */
  cancelled = false;
  cancelReason: 'peer' | 'deadline' | 'connection' | 'stalled' | undefined = undefined;
  /** Encoding for `sendMessage(..., true)`, from the client's grpc-accept-encoding by the owner's choice. */
  outgoing: Encoding = 'identity';
  /** When the call is due, in milliseconds of `performance.now()`; Infinity without a deadline. */
  dueAt = Number.POSITIVE_INFINITY;
  wheelNext: Timed | undefined = undefined;
  wheelPrevious: Timed | undefined = undefined;
  wheelSlot = -1;
  protected override readonly maximumMessage: number;
  readonly #maximumSend: number;
  #single: Buffer | undefined = undefined;

  constructor(stream: Http2Stream, path: string, headers: HeaderList, handler: MethodHandler, limits: CallLimits) {
    super();
    this.stream = stream;
    this.path = path;
    this.headers = headers;
    this.handler = handler;
    this.maximumMessage = limits.maxReceiveMessage;
    this.#maximumSend = limits.maxSendMessage;
    // A second message of a unary request must be seen to be refused.
    if (!handler.requestStream) this.credit = 2;
  }

  /** The first value of a request field (lower-case name), or `undefined`. */
  header(name: string): string | undefined {
    return headerValue(this.headers, name);
  }

  /** Milliseconds left, or Infinity. */
  get timeLeft(): number {
    return this.dueAt === Number.POSITIVE_INFINITY ? this.dueAt : this.dueAt - performance.now();
  }

  /** Response headers were sent. */
  get started(): boolean {
    return this.stream.headersSent;
  }

  /** The call is over, one way or the other. */
  get finished(): boolean {
    return this.over;
  }

  /** Begins with time `milliseconds` left; called by the server. */
  start(milliseconds: number): void {
    if (milliseconds === Number.POSITIVE_INFINITY) return;
    this.dueAt = performance.now() + milliseconds;
    deadlineWheel.add(this);
  }

  /** Sends response headers now; otherwise they go with the first message. `fields`: [name, value, ...]. */
  sendHeaders(fields?: readonly string[]): void {
    if (this.over || this.stream.headersSent) return;
    if (fields !== undefined) assertSendable(fields);
    this.stream.sendTemplate(COMPRESSED[this.outgoing], fields, false);
  }

  /** Sends one message. False: wait for `onDrain` before the next (nothing is lost if you do not). */
  sendMessage(message: Uint8Array, compressed = false): boolean {
    if (this.over) return true;
    if (!this.stream.headersSent) this.stream.sendTemplate(COMPRESSED[this.outgoing], undefined, false);
    const squeeze = compressed && this.outgoing !== 'identity';
    const bytes = squeeze ? compress(this.outgoing, message) : message;
    if (message.length > this.#maximumSend) {
      this.finish(Status.RESOURCE_EXHAUSTED, `a reply of ${message.length} octets exceeds ${this.#maximumSend}`);
      return true;
    }
    this.stream.connection.counters.messagesSent++;
    return this.stream.sendMessage(bytes, squeeze, false);
  }

  /** Ends the call with one message and OK: headers, message and trailers in one go. */
  reply(message: Uint8Array, trailers?: readonly string[], compressed = false): void {
    this.sendMessage(message, compressed);
    this.finish(Status.OK, '', trailers);
  }

  /**
   * Ends the call. `message` may be any text; `trailers` is [name, value, ...] (binary values already in base64).
   * Without headers before it, the answer is trailers only.
   */
  finish(code: number, message = '', trailers?: readonly string[]): void {
    if (this.over) return;
    if (trailers !== undefined) assertSendable(trailers);
    this.#end();
    const { stream } = this;
    // What the client may still send is not wanted (RFC 9113 section 8.1).
    stream.inputUnwanted = true;
    const started = stream.headersSent;
    if (code === Status.OK && started) {
      stream.sendTemplate(TRAILERS_OK, trailers, true);
    } else {
      const fields = ['grpc-status', String(code)];
      // The conformance suite takes a message beside OK for an error.
      if (message !== '' && code !== Status.OK) fields.push('grpc-message', percentEncode(message));
      if (trailers !== undefined) fields.push(...trailers);
      if (started) stream.sendHeaders(fields, true);
      else stream.sendTemplate(HEADERS, fields, true);
    }
  }

  /** Ends the call by RST_STREAM with an HTTP/2 error code. */
  reset(code: number): void {
    if (this.over) return;
    this.#end();
    this.stream.reset(code);
  }

  #end(): void {
    if (this.wheelSlot >= 0) deadlineWheel.remove(this);
    this.#single = undefined;
    this.close();
  }

  #cancel(reason: 'peer' | 'deadline' | 'connection' | 'stalled'): void {
    if (this.over) return;
    this.cancelled = true;
    this.cancelReason = reason;
    this.#end();
    this.handler.onCancel?.(this);
  }

  protected override deliver(message: Buffer): void {
    if (this.handler.requestStream) {
      this.handler.onMessage(this, message);
    } else if (this.#single === undefined) {
      this.#single = message;
      // The usual case: the client's END_STREAM came with it.
    } else {
      this.#refuse(Status.UNIMPLEMENTED, 'exactly one request message was expected, a second one came');
    }
  }

  protected override deliverEnd(): void {
    const { handler } = this;
    if (handler.requestStream) {
      handler.onEnd?.(this);
      return;
    }
    const message = this.#single;
    this.#single = undefined;
    if (message === undefined)
      this.#refuse(Status.UNIMPLEMENTED, 'exactly one request message was expected, none came');
    else handler.onMessage(this, message);
  }

  protected override failIncoming(code: number, message: string): void {
    this.#refuse(code, message);
  }

  /** Ends the call by the transport's own decision; the owner may say more. */
  #refuse(code: number, message: string, reason?: 'deadline' | 'stalled'): void {
    if (this.over) return;
    this.handler.onRefused?.(this, code, message);
    if (this.over) return;
    this.cancelled = true;
    this.cancelReason = reason;
    this.finish(code, message);
    this.handler.onCancel?.(this);
  }

  protected override owesMessage(): boolean {
    return !this.handler.requestStream && !this.ended;
  }

  /** The deadline has passed. */
  onDue(): void {
    if (this.over) return;
    this.stream.connection.counters.deadlinesExceeded++;
    this.stream.connection.guarded(this.stream, () =>
      this.#refuse(Status.DEADLINE_EXCEEDED, 'the deadline has passed', 'deadline'),
    );
  }

  override onHeaders(): void {}

  /** A client ends with DATA; trailers from it are legal and carry nothing for gRPC. */
  override onTrailers(): void {
    this.incomingEnded();
  }

  override onReset(_stream: Http2Stream, _code: number, source: ResetSource): void {
    this.#cancel(source === 'connection' ? 'connection' : 'peer');
  }

  override onDrain(): void {
    if (!this.over) this.handler.onDrain?.(this);
  }

  /** What a handler throws is for the log, never for the client. */
  onFailure(): boolean {
    if (this.over) return true;
    this.finish(Status.INTERNAL, 'internal error');
    return true;
  }

  override onStalled(): void {
    this.#refuse(Status.DEADLINE_EXCEEDED, 'the rest of the message did not come in time', 'stalled');
  }
}
