// One incoming call on its way through the pipeline: limits, record, caller, access, deadline, decode, validate, handler,
// encode. Each step that refuses ends the call with a status; whatever happens, the call ends once.

import { CallScope } from '../calls/call-scope.ts';
import { compressFrom } from '../calls/compression.ts';
import type { Linked } from '../calls/linked-list.ts';
import { SendWindow } from '../calls/send-window.ts';
import { after, timeOfDay } from '../clock/timers.ts';
import type { Caller } from '../context.ts';
import { type Code, codes, RpcError } from '../errors/rpc-error.ts';
import { encodeStatus } from '../errors/status-details.ts';
import type { CallRecord, CallRecorder } from '../telemetry/call-recorder.ts';
import type { HeaderBag } from '../telemetry/header-bag.ts';
import { checkAccess } from './access.ts';
import type { ServerLimits } from './limits.ts';
import { readRequest } from './read-request.ts';
import { RequestStream } from './request-stream.ts';
import type { ServedMethod } from './served-method.ts';
import type { ServerCall, ServerCallListener } from './server-transport.ts';

/** What a handler's context is made of. */
export interface CallFacts {
  readonly method: ServedMethod;
  readonly scope: CallScope;
  readonly caller: Caller;
  readonly record: CallRecord | undefined;
  /** Ends the call with an error, whatever it is doing. */
  readonly abort: (error: RpcError) => void;
}

/** What all calls of a server share. */
export interface CallParts {
  readonly limits: ServerLimits;
  readonly recorder: CallRecorder;
  /** Who calls; throws UNAUTHENTICATED for a credential that is not valid. */
  readonly caller: (headers: HeaderBag) => Caller | Promise<Caller>;
  /** Whether a verified peer may call for itself. @default - none may */
  readonly isService?: (peer: string | undefined) => boolean;
  /** What the handler is given beside its request. */
  readonly context: (facts: CallFacts) => object;
  /** What a handler threw, as it may leave the process. */
  readonly toError: (error: unknown) => RpcError;
  /** Told when a call has begun, and when it and its handler have ended. */
  readonly began: (run: CallRun) => void;
  readonly ended: (run: CallRun) => void;
}

/** A reset this close to the deadline is the deadline's, in milliseconds. */
const deadlineSlackMs = 25;

const cardinality = 'exactly one request message was expected';

/** One call. The transport tells it what arrives. */
export class CallRun implements ServerCallListener, Linked {
  before: Linked | undefined = undefined;
  after: Linked | undefined = undefined;
  listed = false;
  readonly method: ServedMethod;
  readonly #call: ServerCall;
  readonly #parts: CallParts;
  readonly #scope: CallScope;
  readonly #record: CallRecord | undefined;
  #timer: NodeJS.Timeout | undefined;
  #caller: Caller = {};
  #request: Buffer | undefined;
  #requests: RequestStream | undefined;
  #window: SendWindow | undefined;
  #running = false;
  #ended = false;

  constructor(parts: CallParts, method: ServedMethod, call: ServerCall) {
    this.method = method;
    this.#parts = parts;
    this.#call = call;
    const longest = timeOfDay() + method.maxDurationMs;
    this.#record = method.recorded ? parts.recorder.start(method.labels, call.headers) : undefined;
    this.#scope = new CallScope(Math.min(call.deadline, longest), call.headers, this.#record);
    if (call.deadline > longest) this.#timer = after(method.maxDurationMs, expire, this);
    parts.began(this);
    call.start(this);
    this.#identify();
  }

  /** Ends the call with an error, whatever it is doing. */
  abort(error: RpcError): void {
    this.#fail(error);
  }

  // What the transport tells.

  message(bytes: Buffer): void {
    if (this.#ended) return;
    this.#record?.received(bytes.length);
    if (this.#requests !== undefined) {
      try {
        this.#requests.deliver(readRequest(this.method, bytes));
      } catch (error) {
        this.#fail(error);
      }
    } else if (this.#request === undefined) {
      this.#request = bytes;
      this.#call.pull();
    } else {
      this.#fail(new RpcError('UNIMPLEMENTED', `${cardinality}, a second one came`));
    }
  }

  halfClosed(): void {
    if (this.#ended) return;
    if (this.#requests !== undefined) setImmediate(finish, this.#requests);
    else if (this.#request === undefined) this.#fail(new RpcError('UNIMPLEMENTED', `${cardinality}, none came`));
    else this.#runOne(this.#request);
  }

  refused(code: Code, message: string): void {
    this.#fail(refusal(code, message));
  }

  cancelled(): void {
    if (this.#ended) return;
    // A caller whose deadline passes resets the call, and that may come before the same deadline passes here.
    if (timeOfDay() + deadlineSlackMs >= this.#scope.deadline) this.#end(refusal('DEADLINE_EXCEEDED', ''));
    else this.#end(new RpcError('CANCELLED', 'the caller cancelled the call or went away'));
  }

  // The pipeline.

  #identify(): void {
    try {
      const { maxMetadataBytes } = this.#parts.limits;
      if (this.#call.headers.byteLength > maxMetadataBytes) {
        throw new RpcError('RESOURCE_EXHAUSTED', `the call's metadata is larger than ${maxMetadataBytes} bytes`, {
          reason: 'METADATA_TOO_LARGE',
        });
      }
      const caller = this.#parts.caller(this.#call.headers);
      if (caller instanceof Promise) {
        caller.then((known) => this.#enter(known)).catch((error: unknown) => this.#fail(error));
      } else {
        this.#enter(caller);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #enter(caller: Caller): void {
    if (this.#ended) return;
    checkAccess(this.method.contract.access, caller, this.#parts.isService?.(caller.peer));
    this.#caller = caller;
    const { kind } = this.method.contract;
    if (kind === 'unary' || kind === 'serverStream') {
      this.#call.pull();
      return;
    }
    this.#requests = new RequestStream(() => this.#call.pull());
    if (kind === 'clientStream') void this.#respond(this.#requests);
    else void this.#respondMany(this.#requests);
  }

  #runOne(bytes: Buffer): void {
    try {
      const request = readRequest(this.method, bytes);
      if (this.method.contract.kind === 'unary') void this.#respond(request);
      else void this.#respondMany(request);
    } catch (error) {
      this.#fail(error);
    }
  }

  #handle(request: unknown): unknown {
    const { method } = this;
    const abort = (error: RpcError): void => this.abort(error);
    const facts = { method, scope: this.#scope, caller: this.#caller, record: this.#record, abort };
    return method.handler(request, method.recorded ? this.#parts.context(facts) : this.#scope);
  }

  async #respond(request: unknown): Promise<void> {
    this.#running = true;
    try {
      const response = await this.#handle(request);
      if (!this.#ended) {
        const bytes = this.#encode(response);
        this.#call.send(bytes, bytes.length >= compressFrom, ignore);
        this.#end(undefined);
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#running = false;
      this.#leave();
    }
  }

  async #respondMany(request: unknown): Promise<void> {
    this.#running = true;
    try {
      const responses = this.#handle(request) as AsyncIterable<object>;
      this.#window = new SendWindow();
      for await (const response of responses) {
        if (this.#ended) break;
        const bytes = this.#encode(response);
        this.#window.add(bytes.length);
        this.#call.send(bytes, bytes.length >= compressFrom, this.#window.flushed);
        if (this.#window.full) await this.#window.room();
        if (this.#ended) break;
      }
      if (!this.#ended) this.#end(undefined);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#running = false;
      this.#leave();
    }
  }

  #encode(response: unknown): Buffer {
    if (typeof response !== 'object' || response === null) {
      throw new TypeError(`the handler of ${this.method.contract.path} returned ${String(response)}, not a message`);
    }
    const bytes = this.method.contract.response.encode(response);
    if (bytes.length > this.#parts.limits.maxResponseBytes) {
      throw new RpcError(
        'RESOURCE_EXHAUSTED',
        `the response is larger than ${this.#parts.limits.maxResponseBytes} bytes`,
        {
          reason: 'RESPONSE_TOO_LARGE',
        },
      );
    }
    this.#record?.sent(bytes.length);
    return bytes;
  }

  /** Answers with an error, unless the call has ended: then nobody is there to answer. */
  #fail(error: unknown): void {
    if (this.#ended) return;
    const { code, message, details } = this.#parts.toError(error);
    const known = { ...details, requestId: this.#record?.requestId ?? details.requestId ?? '' };
    this.#call.end({ code: codes[code], message, details: encodeStatus(code, message, known) });
    this.#end(error);
  }

  #end(error: unknown): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    if (error === undefined) {
      this.#call.end(ok);
      this.#record?.end('OK');
    } else {
      const known = this.#parts.toError(error);
      this.#record?.end(known.code, error);
      this.#scope.cancel(known);
      this.#requests?.fail(known);
      this.#window?.release();
    }
    this.#leave();
  }

  /** The call is over when it was answered and nothing runs for it any more. */
  #leave(): void {
    if (this.#ended && !this.#running) this.#parts.ended(this);
  }
}

/** What a transport's own refusal means to the caller. */
function refusal(code: Code, message: string): RpcError {
  switch (code) {
    case 'DEADLINE_EXCEEDED':
      return new RpcError(code, 'the deadline passed before the call was done');
    case 'RESOURCE_EXHAUSTED':
      return new RpcError(code, `the request is too large: ${message}`, { reason: 'REQUEST_TOO_LARGE' });
    case 'INTERNAL':
      return new RpcError(code, `the request cannot be read: ${message}`, { reason: 'MALFORMED_MESSAGE' });
    default:
      return new RpcError(code, message);
  }
}

const ok = { code: 0, message: '' } as const;

function ignore(): void {}

/**
 * Ends a stream of requests. A turn late, because Node's HTTP/2 closes the writing side of a stream that is cancelled: the
 * end comes right before the reset, and by the time this runs the reset has made the stream fail.
 */
function finish(requests: RequestStream): void {
  requests.finish();
}

function expire(run: CallRun): void {
  const seconds = run.method.maxDurationMs / 1000;
  run.abort(
    new RpcError('DEADLINE_EXCEEDED', `the call was open for ${seconds} s, the longest that this method allows`, {
      reason: 'SERVER_DEADLINE',
    }),
  );
}
