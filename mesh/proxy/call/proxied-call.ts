// One call through one sidecar: the caller's stream, at most one attempt at a time, and what happens between them.
// The request is kept for a retry up to a bound; past it, or once the response has begun, the call is not retried.

import {
  deadlineWheel,
  ErrorCode,
  type HeaderList,
  type Http2Stream,
  headerValue,
  type ResetSource,
  type StreamHandler,
  type Timed,
} from '#transport';
import { type AttemptOutcome, backoffMs, isRetriable, type LocalReply, localReply } from '../../rules/index.ts';
import type { Pool } from '../clusters/pool.ts';
import type { CallSpan } from '../telemetry/call-span.ts';
import { Attempt, grpcStatusOf } from './attempt.ts';
import type { Plan } from './plan.ts';
import type { RequestHead } from './request-head.ts';
import { sendReply } from './send-reply.ts';
import { tickClock } from './tick-clock.ts';

/** Envoy's response flag for each way in which an attempt can end without an answer. */
const FLAGS = {
  'connection-failure': 'UF',
  'connection-lost': 'UC',
  'per-try-timeout': 'UT',
  overflow: 'UO',
  'refused-stream': 'UR',
  'remote-reset': 'UR',
} as const;

/** Octets of a request that are kept for retries (Envoy: per_request_buffer_limit). */
export const RETRY_BUFFER = 262_144;

/** A read buffer up to this size is shared by the calls that keep parts of it. */
const LARGEST_SHARED = 8192;

export class ProxiedCall implements StreamHandler, Timed {
  readonly stream: Http2Stream;
  readonly head: RequestHead;
  readonly startedAt = tickClock.now();
  /** When the time of its route began: after an injected delay, as in Envoy, whose router comes after the fault filter. */
  routedAt = this.startedAt;
  /** Set for a sampled call. */
  span: CallSpan | undefined;
  /** Instances that were tried, for choosing another one. */
  tried: Set<string> | undefined;
  /** The instance of the last attempt. */
  pool: Pool | undefined;
  attempts = 0;
  requestBytes = 0;
  responseBytes = 0;
  httpStatus = 0;
  grpcStatus = -1;
  /** Envoy's response flag, for log and metrics. */
  flag = '-';
  over = false;
  /** Told of request data and end: a mirror. */
  tap: { data(chunk: Uint8Array): void; end(trailers: HeaderList | undefined): void; cancel(): void } | undefined;
  dueAt = 0;
  wheelNext: Timed | undefined = undefined;
  wheelPrevious: Timed | undefined = undefined;
  wheelSlot = -1;
  readonly #plan: Plan;
  #attempt: Attempt | undefined;
  #retriesLeft: number;
  #retrying = false;
  #delayed = false;
  #backoff: NodeJS.Timeout | undefined;
  /** The request so far, while it may have to be sent (again). */
  #body: Uint8Array[] = [];
  #bodyBytes = 0;
  #keepBody: boolean;
  #trailers: HeaderList | undefined;
  #requestEnded: boolean;
  #responseStarted = false;
  /** Request octets whose credit the caller does not have back. */
  #unconsumed = 0;

  constructor(stream: Http2Stream, head: RequestHead, plan: Plan, endStream: boolean) {
    this.stream = stream;
    this.head = head;
    this.#plan = plan;
    this.#requestEnded = endStream;
    this.#retriesLeft = plan.retries?.attempts ?? 0;
    this.#keepBody = this.#retriesLeft > 0;
    stream.handler = this;
  }

  /** @param delayMs - an injected delay. */
  start(delayMs = 0): void {
    this.#delayed = delayMs > 0;
    if (this.#delayed) this.#backoff = setTimeout(() => this.#route(), delayMs);
    else this.#route();
  }

  #route(): void {
    if (this.#delayed) {
      this.#delayed = false;
      this.routedAt = tickClock.now();
    }
    this.#next();
    if (this.#requestEnded) this.#armTimeout();
  }

  /** Answers without any attempt. @param delayMs - an injected delay. */
  answer(reply: LocalReply, delayMs = 0): void {
    if (delayMs > 0) this.#backoff = setTimeout(() => this.reply(reply), delayMs);
    else this.reply(reply);
  }

  #armTimeout(): void {
    if (this.#delayed) return;
    if (this.#plan.timeoutMs > 0 && this.wheelSlot < 0 && !this.over) {
      this.dueAt = tickClock.now() + this.#plan.timeoutMs;
      deadlineWheel.add(this);
    }
    this.#armPerTry();
  }

  #armPerTry(): void {
    const perTry = this.#plan.retries?.perTryTimeoutMs;
    const attempt = this.#attempt;
    if (
      perTry !== undefined &&
      this.#requestEnded &&
      attempt !== undefined &&
      attempt.wheelSlot < 0 &&
      !attempt.over &&
      !this.#responseStarted
    )
      attempt.arm(perTry);
  }

  #next(): void {
    this.#backoff = undefined;
    if (this.over) return;
    const acquired = this.#plan.acquire(this);
    if ('flag' in acquired) {
      this.reply(acquired);
      return;
    }
    this.pool = acquired;
    this.attempts++;
    const attempt = new Attempt(this, this.#plan, acquired, this.attempts);
    this.#attempt = attempt;
    attempt.start();
    this.#armPerTry();
  }

  /** The attempt has a connection: headers and what has come of the body go out. */
  attached(attempt: Attempt, upstream: Http2Stream): void {
    const bodyless = this.#requestEnded && this.#body.length === 0 && this.#trailers === undefined;
    upstream.sendHeaders(this.#plan.requestHeaders(this, attempt.number), bodyless, this.stream.neverIndexed);
    if (bodyless) return;
    const last = this.#requestEnded && this.#trailers === undefined ? this.#body.length - 1 : -1;
    let room = true;
    for (let i = 0; i < this.#body.length; i++) room = upstream.sendData(this.#body[i] as Uint8Array, i === last);
    if (this.#trailers !== undefined) upstream.sendHeaders(this.#trailers, true);
    if (!this.#keepBody || this.#bodyBytes > RETRY_BUFFER) this.#dropBody();
    if (room) this.requestDrained();
  }

  #dropBody(): void {
    this.#keepBody = false;
    if (this.#bodyBytes === 0) return;
    this.#body = [];
    this.#bodyBytes = 0;
  }

  requestDrained(): void {
    const octets = this.#unconsumed;
    this.#unconsumed = 0;
    if (octets > 0) this.stream.consume(octets);
  }

  /** Returns false to give the response up for another attempt. */
  response(attempt: Attempt, outcome: AttemptOutcome, headers: HeaderList, endStream: boolean): boolean {
    if (outcome.kind === 'response') {
      this.httpStatus = outcome.httpStatus;
      if (outcome.grpcStatus !== undefined) this.grpcStatus = outcome.grpcStatus;
      // Envoy judges an instance by its response headers: a gRPC status there counts (an answer of trailers only), one that
      // comes in trailers, after messages or early headers, does not.
      this.#plan.attemptEnded(this, attempt.pool, outcome);
    }
    if (this.#retry(attempt, outcome)) return false;
    this.#responseStarted = true;
    this.#dropBody();
    if (endStream) this.stream.inputUnwanted = true;
    this.stream.sendHeaders(this.#plan.responseHeaders(this, headers), endStream, attempt.upstream?.neverIndexed);
    if (endStream) this.#finish();
    return true;
  }

  responseData(bytes: Uint8Array, endStream: boolean): boolean {
    this.responseBytes += bytes.length;
    if (endStream) this.stream.inputUnwanted = true;
    const room = this.stream.sendData(bytes, endStream);
    if (endStream) this.#finish();
    return room;
  }

  responseTrailers(attempt: Attempt, headers: HeaderList): void {
    const status = headerValue(headers, 'grpc-status');
    if (status !== undefined) this.grpcStatus = grpcStatusOf(status);
    this.stream.inputUnwanted = true;
    this.stream.sendHeaders(headers, true, attempt.upstream?.neverIndexed);
    this.#finish();
  }

  attemptFailed(attempt: Attempt, outcome: AttemptOutcome, message: string): void {
    this.#plan.attemptEnded(this, attempt.pool, outcome);
    if (this.over || this.#retry(attempt, outcome)) return;
    const reason = outcome.kind === 'reset' ? outcome.reason : 'remote-reset';
    const flag = FLAGS[reason];
    if (this.#responseStarted) this.#abort(flag);
    else this.reply(localReply(reason === 'per-try-timeout' ? 504 : 503, message, flag));
  }

  #retry(attempt: Attempt, outcome: AttemptOutcome): boolean {
    const { retries } = this.#plan;
    if (this.#retrying) {
      this.#retrying = false;
      this.#plan.leaveRetry();
    }
    if (retries === undefined || this.#responseStarted || this.#retriesLeft === 0 || !this.#keepBody || this.over)
      return false;
    if (!isRetriable(retries, outcome)) return false;
    this.#retriesLeft--;
    if (!this.#plan.enterRetry()) return false;
    this.#retrying = true;
    this.#plan.release(this, attempt.pool);
    this.pool = undefined;
    this.tried ??= new Set();
    this.tried.add(attempt.pool.id);
    this.#attempt = undefined;
    this.#backoff = setTimeout(() => this.#next(), backoffMs(retries, this.attempts, Math.random()));
    return true;
  }

  /** Answers in the place of an instance. */
  reply(reply: LocalReply): void {
    if (this.over) return;
    if (this.#responseStarted) {
      this.#abort(reply.flag);
      return;
    }
    this.flag = reply.flag;
    this.httpStatus = this.head.isGrpc ? 200 : reply.httpStatus;
    this.grpcStatus = this.head.isGrpc ? reply.grpcStatus : -1;
    sendReply(this.stream, this.head, reply, this.#plan.replyFields);
    this.#finish();
  }

  /** The response has begun and cannot be completed. */
  #abort(flag: string): void {
    this.flag = flag;
    this.stream.reset(ErrorCode.INTERNAL_ERROR);
    this.#finish();
  }

  #finish(): void {
    if (this.over) return;
    this.over = true;
    if (this.#backoff !== undefined) clearTimeout(this.#backoff);
    deadlineWheel.remove(this);
    this.#attempt?.abandon();
    if (this.#retrying) this.#plan.leaveRetry();
    if (this.pool !== undefined) this.#plan.release(this, this.pool);
    this.#dropBody();
    if (!this.#requestEnded) this.tap?.cancel();
    // What is still held of the request will not be sent: the connection's window must not stay shut.
    this.stream.releaseAll();
    this.#plan.ended(this);
  }

  /** The timeout of the whole call. */
  onDue(): void {
    const reply = this.#plan.callerDeadline
      ? localReply(504, "the caller's deadline has passed", 'UT', 4)
      : localReply(504, 'upstream request timeout', 'UT');
    const attempt = this.#attempt;
    if (attempt !== undefined && !attempt.over && this.pool !== undefined)
      this.#plan.attemptEnded(this, attempt.pool, { kind: 'reset', reason: 'per-try-timeout', requestStarted: true });
    this.reply(reply);
  }

  onHeaders(): void {}

  onData(_stream: Http2Stream, bytes: Buffer, start: number, end: number, endStream: boolean): void {
    const length = end - start;
    this.requestBytes += length;
    if (this.over) return;
    this.#unconsumed += length;
    const upstream = this.#attempt?.upstream;
    const part = length === bytes.length ? bytes : bytes.subarray(start, end);
    // A slice of a large read buffer would keep all of it alive for as long as the call.
    const kept = this.#keepBody || upstream === undefined;
    const chunk = kept && bytes.buffer.byteLength > LARGEST_SHARED ? Buffer.from(part) : part;
    this.tap?.data(chunk);
    if (this.#keepBody || upstream === undefined) {
      this.#body.push(chunk);
      this.#bodyBytes += length;
      if (this.#bodyBytes > RETRY_BUFFER && upstream !== undefined) this.#dropBody();
    }
    if (endStream) this.#requestEnded = true;
    if (upstream?.sendData(chunk, endStream) === true) this.requestDrained();
    if (endStream) this.#endRequest(undefined);
  }

  onTrailers(_stream: Http2Stream, headers: HeaderList): void {
    if (this.over) return;
    this.#requestEnded = true;
    this.#trailers = headers;
    this.#attempt?.upstream?.sendHeaders(headers, true);
    this.#endRequest(headers);
  }

  #endRequest(trailers: HeaderList | undefined): void {
    this.tap?.end(trailers);
    this.#armTimeout();
  }

  onReset(_stream: Http2Stream, _code: number, _source: ResetSource): void {
    if (this.over) return;
    this.flag = 'DC';
    this.grpcStatus = this.head.isGrpc ? 1 : -1;
    this.#finish();
  }

  onDrain(): void {
    this.#attempt?.responseDrained();
  }

  onStalled(): void {}

  /** A handler of ours threw: the call ends, the connection stays. */
  onFailure(): boolean {
    this.reply(localReply(500, 'internal error', '-', 13));
    return true;
  }
}
