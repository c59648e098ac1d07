// One attempt of a call: a stream to one instance. It reports to its call, which decides what the caller sees.

import {
  deadlineWheel,
  ErrorCode,
  type HeaderList,
  type Http2Connection,
  type Http2Stream,
  type ResetSource,
  type StreamHandler,
  type Timed,
  type Waiter,
} from '#transport';
import { type AttemptOutcome, GRPC_STATUS } from '../../rules/index.ts';
import type { Pool } from '../clusters/pool.ts';
import type { Plan } from './plan.ts';
import type { ProxiedCall } from './proxied-call.ts';
import { tickClock } from './tick-clock.ts';

/** Envoy's words for a call that a limit turned away. */
export const OVERFLOW = 'upstream connect error or disconnect/reset before headers. reset reason: overflow';

const NO_OPTIONS = Object.freeze({});

/** A status that gRPC does not know counts as UNKNOWN: services must not be able to make up metric labels. */
export function grpcStatusOf(text: string): number {
  if (text === '0') return GRPC_STATUS.OK;
  return /^(?:[0-9]|1[0-6])$/.test(text) ? Number(text) : GRPC_STATUS.UNKNOWN;
}

type ResetReason = Extract<AttemptOutcome, { kind: 'reset' }>['reason'];

export class Attempt implements StreamHandler, Waiter, Timed {
  readonly options = NO_OPTIONS;
  readonly number: number;
  readonly pool: Pool;
  waiting = false;
  upstream: Http2Stream | undefined;
  over = false;
  /** Response octets that the caller has not taken yet. */
  held = 0;
  dueAt = 0;
  wheelNext: Timed | undefined = undefined;
  wheelPrevious: Timed | undefined = undefined;
  wheelSlot = -1;
  readonly #call: ProxiedCall;
  readonly #plan: Plan;
  #pending = false;

  constructor(call: ProxiedCall, plan: Plan, pool: Pool, number: number) {
    this.#call = call;
    this.#plan = plan;
    this.pool = pool;
    this.number = number;
  }

  start(): void {
    const connection = this.pool.client.pick();
    if (connection === undefined) {
      if (!this.#plan.enterPending()) {
        this.#end({ kind: 'reset', reason: 'overflow', requestStarted: false }, OVERFLOW);
        return;
      }
      this.#pending = true;
    }
    if (connection === undefined) this.pool.client.dispatch(this);
    else this.attach(connection);
  }

  /** It waits for a connection no more. */
  #settled(): void {
    this.waiting = false;
    if (!this.#pending) return;
    this.#pending = false;
    this.#plan.leavePending();
  }

  attach(connection: Http2Connection): void {
    this.#settled();
    if (this.over) return;
    const upstream = connection.open(this);
    this.upstream = upstream;
    this.#call.attached(this, upstream);
    this.pool.opened(connection);
  }

  fail(_code: number, message: string): void {
    this.#settled();
    this.#end({ kind: 'reset', reason: 'connection-failure', requestStarted: false }, message);
  }

  /** The per-try timer, from when the whole request is there. */
  arm(ms: number): void {
    this.dueAt = tickClock.now() + ms;
    deadlineWheel.add(this);
  }

  onDue(): void {
    this.#reset();
    this.#end({ kind: 'reset', reason: 'per-try-timeout', requestStarted: true }, 'upstream request timeout');
  }

  /** Ends the attempt from the caller's side; the call is not told. */
  abandon(): void {
    if (this.over) return;
    this.over = true;
    deadlineWheel.remove(this);
    if (this.waiting) this.pool.client.withdraw(this);
    this.#settled();
    this.#reset();
  }

  #reset(): void {
    const { upstream } = this;
    if (upstream !== undefined && !upstream.closed && !(upstream.localClosed && upstream.remoteClosed))
      upstream.reset(ErrorCode.CANCEL);
  }

  #end(outcome: AttemptOutcome, message: string): void {
    if (this.over) return;
    this.over = true;
    deadlineWheel.remove(this);
    this.#call.attemptFailed(this, outcome, message);
  }

  onHeaders(_stream: Http2Stream, headers: HeaderList, endStream: boolean): void {
    if (this.over) return;
    if (!this.#call.response(this, outcomeOf(headers), headers, endStream)) this.abandon();
    else if (endStream) this.#finished();
    else deadlineWheel.remove(this);
  }

  onInformation(_stream: Http2Stream, headers: HeaderList): void {
    if (!this.over) this.#call.stream.sendInformation(headers);
  }

  onData(stream: Http2Stream, bytes: Buffer, start: number, end: number, endStream: boolean): void {
    if (this.over) return;
    const length = end - start;
    const whole = length === bytes.length;
    const room = this.#call.responseData(whole ? bytes : bytes.subarray(start, end), endStream);
    if (room && this.held === 0) stream.consume(length);
    else this.held += length;
    if (endStream) this.#finished();
  }

  onTrailers(_stream: Http2Stream, headers: HeaderList): void {
    if (this.over) return;
    this.#call.responseTrailers(this, headers);
    this.#finished();
  }

  /** The response is complete. What the caller still sends is not wanted any more. */
  #finished(): void {
    this.over = true;
    deadlineWheel.remove(this);
    this.#reset();
  }

  onReset(_stream: Http2Stream, code: number, source: ResetSource): void {
    if (this.over) return;
    const { reason, message } = resetReason(code, source);
    this.#end({ kind: 'reset', reason, requestStarted: source !== 'refused' }, message);
  }

  /** There is room towards the instance again. */
  onDrain(): void {
    this.#call.requestDrained();
  }

  /** There is room towards the caller again. */
  responseDrained(): void {
    const { held } = this;
    this.held = 0;
    if (held > 0) this.upstream?.consume(held);
  }

  onStalled(): void {}
}

/** The usual answer of a service, which is judged the same every time. */
const OK_OUTCOME: AttemptOutcome = { kind: 'response', httpStatus: 200, rateLimited: false };

function outcomeOf(headers: HeaderList): AttemptOutcome {
  let status = '0';
  let grpc: string | undefined;
  let rateLimited = false;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i];
    if (name === ':status') status = headers[i + 1] ?? '0';
    else if (name === 'grpc-status') grpc = headers[i + 1];
    else if (name === 'x-envoy-ratelimited') rateLimited = true;
  }
  if (status === '200' && grpc === undefined && !rateLimited) return OK_OUTCOME;
  const response = { kind: 'response', httpStatus: Number(status), rateLimited } as const;
  return grpc === undefined ? response : { ...response, grpcStatus: grpcStatusOf(grpc) };
}

function resetReason(code: number, source: ResetSource): { reason: ResetReason; message: string } {
  const before = 'upstream connect error or disconnect/reset before headers. reset reason: ';
  if (source === 'refused') return { reason: 'refused-stream', message: `${before}remote refused stream reset` };
  if (source === 'connection') return { reason: 'connection-lost', message: `${before}connection termination` };
  if (code === ErrorCode.REFUSED_STREAM)
    return { reason: 'refused-stream', message: `${before}remote refused stream reset` };
  return { reason: 'remote-reset', message: `${before}remote reset` };
}
