// A gRPC call as the client sees it. `onEnd` of its handler is called exactly once, whatever happens.
// A call whose stream was certainly not processed (REFUSED_STREAM, GOAWAY) goes once more to another connection.
import { compress, isEncoding } from '../grpc/compression.ts';
import { MessageStream } from '../grpc/message-stream.ts';
import { percentDecode } from '../grpc/percent.ts';
import { Status, statusFromHttp, statusFromReset } from '../grpc/status.ts';
import { formatTimeout } from '../grpc/timeout.ts';
import type { HeaderList } from '../hpack/decoder.ts';
import type { HeaderTemplate } from '../hpack/header-template.ts';
import { deadlineWheel, type Timed } from '../http2/clock/deadline-wheel.ts';
import type { Http2Connection } from '../http2/connection.ts';
import type { Counters } from '../http2/guard/counters.ts';
import type { Http2Stream, ResetSource } from '../http2/stream.ts';
import { ErrorCode, errorCodeName } from '../wire/frame.ts';
import type { CallOptions } from './options.ts';

/** What a call's owner implements; one object can serve any number of calls. */
export interface CallHandler {
  /** Response headers are there (not called for an answer of trailers only). */
  onHeaders?(call: ClientCall, headers: HeaderList): void;
  /** One message of a streaming response, for every one that was pulled. */
  onMessage?(call: ClientCall, message: Buffer): void;
  /** After `sendMessage` returned false: there is room again. */
  onDrain?(call: ClientCall): void;
  /** The call is over: see `code`, `message`, `trailers`, and for a unary response `reply`. */
  onEnd(call: ClientCall): void;
}

/** Something that needs a connection with room: a call, or a proxy's stream. */
export interface Waiter {
  /** Set by the client while it waits. */
  waiting: boolean;
  readonly options: { readonly waitForReady?: boolean };
  /** There is a connection; it has room for one stream, which must be opened now. */
  attach(connection: Http2Connection): void;
  /** There is none: a gRPC status code and why. */
  fail(code: number, message: string): void;
}

/** The part of the client that calls need. */
export interface CallOwner {
  readonly maxReceiveMessage: number;
  readonly maxSendMessage: number;
  readonly counters: Counters;
  /** Content types that count as gRPC's. */
  readonly contentTypes: ReadonlySet<string>;
  /** Attaches the call to a connection, now or when there is one. */
  dispatch(call: Waiter): void;
  /** The call does not wait for a connection any more. */
  withdraw(call: Waiter): void;
}

const NONE: HeaderList = [];
const EMPTY = Buffer.alloc(0);
const MOST_ATTEMPTS = 5;
const fields: string[] = [];

export class ClientCall extends MessageStream implements Timed, Waiter {
  readonly template: HeaderTemplate;
  readonly options: CallOptions;
  /** Free for the owner. */
  data: unknown = undefined;
  /** Status code once over, -1 before. */
  code = -1;
  /** Status text once over. */
  message = '';
  /** Response headers, empty before. */
  headers: HeaderList = NONE;
  /** Trailers once over. */
  trailers: HeaderList = NONE;
  /** The response message of a unary response. */
  reply: Buffer | undefined = undefined;
  /** Waits for a connection. */
  waiting = false;
  dueAt = Number.POSITIVE_INFINITY;
  wheelNext: Timed | undefined = undefined;
  wheelPrevious: Timed | undefined = undefined;
  wheelSlot = -1;
  protected override readonly maximumMessage: number;
  readonly #owner: CallOwner;
  readonly #handler: CallHandler;
  readonly #responseStream: boolean;
  #request: Uint8Array | undefined;
  #unsent: { readonly message: Uint8Array; readonly compressed: boolean }[] | undefined = undefined;
  #sent = false;
  #halfClosed: boolean;
  #attempts = 0;
  #httpStatus = 0;
  #drainOwed = false;
  #starting = false;

  /** @param request the one message of a unary request; `undefined` for a stream of them */
  constructor(
    owner: CallOwner,
    template: HeaderTemplate,
    options: CallOptions,
    request: Uint8Array | undefined,
    responseStream: boolean,
    handler: CallHandler,
  ) {
    super();
    this.#owner = owner;
    this.template = template;
    this.options = options;
    this.#request = request;
    this.#halfClosed = request !== undefined;
    this.#responseStream = responseStream;
    this.#handler = handler;
    this.maximumMessage = owner.maxReceiveMessage;
    // A second message of a unary response must be seen to be refused.
    if (!responseStream) this.credit = 2;
  }

  /** The call is over. */
  get finished(): boolean {
    return this.over;
  }

  /** Called by the client: the clock starts and a connection is looked for. */
  start(): void {
    this.#starting = true;
    this.#begin();
    this.#starting = false;
  }

  #begin(): void {
    const { timeout } = this.options;
    if (timeout !== undefined && timeout <= 0) {
      this.#finish(Status.DEADLINE_EXCEEDED, 'the deadline had passed before the call began', NONE);
      return;
    }
    if (timeout !== undefined && timeout !== Number.POSITIVE_INFINITY) {
      this.dueAt = performance.now() + timeout;
      deadlineWheel.add(this);
    }
    if (this.#request !== undefined && this.#request.length > this.#owner.maxSendMessage) {
      this.#tooLarge(this.#request.length);
    } else {
      this.#owner.dispatch(this);
    }
  }

  /** Sends the call on `connection`, which has room. */
  attach(connection: Http2Connection): void {
    const { metadata, encoding, timeout } = this.options;
    this.waiting = false;
    this.#attempts++;
    fields.length = 0;
    if (timeout !== undefined && this.dueAt !== Number.POSITIVE_INFINITY) {
      // A call that leaves at once carries the caller's own figure, which repeats, instead of a fraction less.
      const left = this.dueAt - performance.now();
      fields.push('grpc-timeout', formatTimeout(timeout - left < 1 ? timeout : left));
    }
    if (encoding !== undefined && encoding !== 'identity') fields.push('grpc-encoding', encoding);
    if (metadata !== undefined) for (const text of metadata) fields.push(text);
    const stream = connection.open(this);
    this.stream = stream;
    stream.sendTemplate(this.template, fields, false);
    const request = this.#request;
    if (request !== undefined) {
      this.#write(stream, request, true, true);
      return;
    }
    const unsent = this.#unsent;
    this.#unsent = undefined;
    if (unsent !== undefined)
      for (const { message, compressed } of unsent) this.#write(stream, message, compressed, false);
    if (this.#halfClosed) stream.sendData(EMPTY, true);
    else if (this.#drainOwed) {
      this.#drainOwed = false;
      connection.guarded(stream, () => this.#handler.onDrain?.(this));
    }
  }

  #write(stream: Http2Stream, message: Uint8Array, compressed: boolean, end: boolean): boolean {
    const { encoding } = this.options;
    stream.connection.counters.messagesSent++;
    if (!compressed || encoding === undefined || encoding === 'identity')
      return stream.sendMessage(message, false, end);
    return stream.sendMessage(compress(encoding, message), true, end);
  }

  /**
   * Sends one message of a streaming request. False: wait for `onDrain` before the next. `compressed` false leaves it as it is
   * in a call that has an encoding.
   */
  sendMessage(message: Uint8Array, compressed = true): boolean {
    if (this.over || this.#halfClosed) return true;
    if (message.length > this.#owner.maxSendMessage) {
      this.#tooLarge(message.length);
      return true;
    }
    if (this.stream === undefined) {
      this.#unsent ??= [];
      this.#unsent.push({ message, compressed });
      this.#drainOwed = true;
      return false;
    }
    this.#sent = true;
    return this.#write(this.stream, message, compressed, false);
  }

  /** Ends a streaming request. */
  halfClose(): void {
    if (this.over || this.#halfClosed) return;
    this.#halfClosed = true;
    this.stream?.sendData(EMPTY, true);
  }

  /** Ends the call with CANCELLED; `onEnd` is called before this returns. */
  cancel(message = 'the call was cancelled'): void {
    this.#finish(Status.CANCELLED, message, NONE);
  }

  /** Ends the call from the client's side: no connection, no room. */
  fail(code: number, message: string): void {
    this.#finish(code, message, NONE);
  }

  #tooLarge(length: number): void {
    const limit = this.#owner.maxSendMessage;
    this.#finish(Status.RESOURCE_EXHAUSTED, `a message of ${length} octets exceeds the limit of ${limit}`, NONE);
  }

  #finish(code: number, message: string, trailers: HeaderList): void {
    if (this.over) return;
    if (this.#starting) {
      // The owner has not got the call yet: `onEnd` never comes before that.
      process.nextTick(() => this.#finish(code, message, trailers));
      return;
    }
    this.code = code;
    this.message = message;
    this.trailers = trailers;
    if (code !== Status.OK) this.reply = undefined;
    if (this.wheelSlot >= 0) deadlineWheel.remove(this);
    this.close();
    if (this.waiting) this.#owner.withdraw(this);
    this.#request = undefined;
    const { stream } = this;
    if (stream !== undefined && !stream.closed && !(stream.localClosed && stream.remoteClosed)) {
      if (stream.remoteClosed && stream.queue === undefined) stream.sendData(EMPTY, true);
      else stream.reset(ErrorCode.CANCEL);
    }
    this.#handler.onEnd(this);
  }

  override onHeaders(stream: Http2Stream, headers: HeaderList, endStream: boolean): void {
    if (this.over) return;
    if (stream.listTooLarge) {
      this.#finish(Status.RESOURCE_EXHAUSTED, 'the response metadata exceeds the limit of this client', NONE);
      return;
    }
    let status = '';
    let contentType = '';
    for (let i = 0; i < headers.length; i += 2) {
      const value = headers[i + 1] as string;
      switch (headers[i]) {
        case ':status':
          status = value;
          break;
        case 'content-type':
          contentType = value;
          break;
        case 'grpc-encoding':
          if (!isEncoding(value)) {
            this.#finish(Status.INTERNAL, `the server uses the unknown message encoding "${value}"`, NONE);
            return;
          }
          this.incoming = value;
          break;
        default:
      }
    }
    this.#httpStatus = Number(status);
    const grpc = this.#owner.contentTypes.has(contentType.split(';')[0] ?? '');
    if (endStream) {
      this.headers = headers;
      this.#conclude(headers, grpc);
    } else if (this.#httpStatus !== 200) {
      this.#finish(statusFromHttp(this.#httpStatus), `the server answered with HTTP status ${status}`, headers);
    } else if (!grpc) {
      this.#finish(Status.UNKNOWN, `the server answered with content type "${contentType}"`, headers);
    } else {
      this.headers = headers;
      this.#handler.onHeaders?.(this, headers);
    }
  }

  override onTrailers(stream: Http2Stream, headers: HeaderList): void {
    if (this.over) return;
    if (stream.listTooLarge) {
      this.#finish(Status.RESOURCE_EXHAUSTED, 'the trailers exceed the limit of this client', NONE);
      return;
    }
    this.trailers = headers;
    this.incomingEnded();
  }

  protected override deliver(message: Buffer): void {
    if (this.#responseStream) this.#handler.onMessage?.(this, message);
    else if (this.reply === undefined) this.reply = message;
    else this.#finish(Status.UNIMPLEMENTED, 'the method returns one message, and a second one came', NONE);
  }

  protected override deliverEnd(): void {
    this.#conclude(this.trailers, true);
  }

  /** The server's own verdict, read from the list that ended the stream. */
  #conclude(trailers: HeaderList, grpc: boolean): void {
    let code = -1;
    let message = '';
    for (let i = 0; i < trailers.length; i += 2) {
      const value = trailers[i + 1] as string;
      if (trailers[i] === 'grpc-status') code = /^[0-9]{1,9}$/.test(value) ? Number(value) : Status.UNKNOWN;
      else if (trailers[i] === 'grpc-message') message = percentDecode(value);
    }
    if (code === 0 && !this.#responseStream && this.reply === undefined) {
      this.#finish(Status.UNIMPLEMENTED, 'the method returns one message, and none came', trailers);
    } else if (code >= 0) {
      this.#finish(code > 16 ? Status.UNKNOWN : code, message, trailers);
    } else if (this.#httpStatus !== 200) {
      const text = `the server answered with HTTP status ${this.#httpStatus}`;
      this.#finish(statusFromHttp(this.#httpStatus), text, trailers);
    } else {
      const text = grpc ? 'the server ended the call without a status' : 'the answer is no gRPC';
      this.#finish(trailers.length === 0 ? Status.INTERNAL : Status.UNKNOWN, text, trailers);
    }
  }

  protected override failIncoming(code: number, message: string): void {
    this.#finish(code, message, NONE);
  }

  protected override owesMessage(): boolean {
    return false;
  }

  override onReset(stream: Http2Stream, code: number, source: ResetSource): void {
    // After the server's trailers nothing is lost: messages may still wait to be pulled.
    if (this.over || stream.remoteClosed) return;
    const fresh = this.headers === NONE && (this.#request !== undefined || !this.#sent);
    if (source === 'refused' && fresh && this.#attempts < MOST_ATTEMPTS) {
      this.stream = undefined;
      this.#owner.dispatch(this);
    } else if (code === ErrorCode.CANCEL && performance.now() >= this.dueAt - 1) {
      // The server's clock was quicker by a hair: it cancelled because the deadline has passed.
      this.#finish(Status.DEADLINE_EXCEEDED, 'the deadline has passed', NONE);
    } else if (source === 'connection') {
      const reason = stream.connection.endReason;
      this.#finish(Status.UNAVAILABLE, `the connection was lost${reason === '' ? '' : `: ${reason}`}`, NONE);
    } else if (source === 'peer' && code === ErrorCode.NO_ERROR && stream.headersReceived) {
      this.#finish(Status.INTERNAL, 'the server ended the call without a status', NONE);
    } else {
      const who = source === 'local' ? 'the server broke the protocol' : 'the server reset the call';
      this.#finish(
        source === 'local' ? Status.INTERNAL : statusFromReset(code),
        `${who}: ${errorCodeName(code)}`,
        NONE,
      );
    }
  }

  override onDrain(): void {
    if (!this.over) this.#handler.onDrain?.(this);
  }

  override onStalled(): void {
    this.#finish(Status.UNAVAILABLE, 'the rest of a message did not come in time', NONE);
  }

  /** A handler of this call threw. */
  onFailure(): boolean {
    this.#finish(Status.INTERNAL, 'the handler of the call failed', NONE);
    return true;
  }

  /** The deadline has passed. */
  onDue(): void {
    this.#owner.counters.deadlinesExceeded++;
    this.#finish(Status.DEADLINE_EXCEEDED, 'the deadline has passed', NONE);
  }
}
