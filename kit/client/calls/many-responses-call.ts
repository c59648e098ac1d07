// Calls with many responses: server stream and bidirectional stream. The result is an async iterable.
// The call begins when somebody starts to read, and is cancelled when they stop before its end. Responses are read ahead of the
// reader as far as they arrived together: asking for each of them anew would cost more than the message.
import type { CallScope } from '../../calls/call-scope.ts';
import type { CallOptions } from '../../context.ts';
import type { StreamSource } from '../../contract/shapes.ts';
import { RpcError } from '../../errors/rpc-error.ts';
import { type ClientMethod, type ClientParts, OutgoingCall } from './outgoing-call.ts';
import { RequestPump } from './request-pump.ts';

/** Responses are read ahead until so many bytes of them wait; then the reader has to take them all before more are asked for. */
const readAheadBytes = 64 * 1024;

class ManyResponsesCall extends OutgoingCall implements AsyncIterableIterator<object> {
  readonly #requests: StreamSource<object>;
  readonly #waiting: PromiseWithResolvers<IteratorResult<object>>[] = [];
  /** Responses that wait for the reader, from `#taken` on. */
  #ready: (object | undefined)[] = [];
  #taken = 0;
  /** Bytes of responses that came since none was waiting. */
  #aheadBytes = 0;
  /** One more response was asked for and did not come yet. */
  #asked = false;
  #asking = false;
  #begun = false;
  #error: RpcError | undefined;
  #pump: RequestPump | undefined;

  constructor(
    parts: ClientParts,
    method: ClientMethod,
    scope: CallScope,
    requests: StreamSource<object>,
    options: CallOptions,
  ) {
    super(parts, method, scope, options);
    this.#requests = requests;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<object>> {
    try {
      if (!this.#begun) this.#begin();
    } catch (error) {
      return Promise.reject(error);
    }
    const value = this.#take();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.ended) return this.#last();
    const waiter = Promise.withResolvers<IteratorResult<object>>();
    this.#waiting.push(waiter);
    this.#ask();
    return waiter.promise;
  }

  return(): Promise<IteratorResult<object>> {
    this.#begun = true;
    this.cancel(new RpcError('CANCELLED', 'the reader of the responses stopped'));
    this.#error = undefined;
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Whoever gives a call up wants nothing of it any more. */
  override cancel(reason: RpcError): void {
    this.#ready = [];
    this.#taken = 0;
    super.cancel(reason);
  }

  protected override response(message: object, bytes: number): void {
    this.#asked = false;
    const waiter = this.#waiting.shift();
    if (waiter === undefined) {
      this.#ready.push(message);
      this.#aheadBytes += bytes;
    } else {
      waiter.resolve({ done: false, value: message });
    }
    this.#ask();
  }

  /** The next of the responses that wait. */
  #take(): object | undefined {
    if (this.#taken === this.#ready.length) return undefined;
    const value = this.#ready[this.#taken];
    this.#ready[this.#taken++] = undefined;
    if (this.#taken === this.#ready.length) {
      this.#ready.length = 0;
      this.#taken = 0;
      this.#aheadBytes = 0;
      this.#ask();
    }
    return value;
  }

  /** Asks for responses while there is room. One that is there already comes within `pull`, and asks again: that is this loop. */
  #ask(): void {
    if (this.#asking) return;
    this.#asking = true;
    while (!this.#asked && !this.ended && this.#aheadBytes < readAheadBytes) {
      this.#asked = true;
      this.pull();
    }
    this.#asking = false;
  }

  protected override finished(error: RpcError | undefined): void {
    this.#error = error;
    this.#pump?.stop();
    for (const waiter of this.#waiting.splice(0)) this.#last().then(waiter.resolve, waiter.reject);
  }

  #begin(): void {
    this.#begun = true;
    const requests = this.#requests;
    // A server stream's one request needs no pump.
    if (Array.isArray(requests) && requests.length === 1) {
      const bytes = this.method.contract.request.encode(requests[0]);
      if (!this.open()) return;
      this.sendBytes(bytes, ignore);
      this.halfClose();
      return;
    }
    if (!this.open()) return;
    this.#pump = new RequestPump(requests, {
      encode: (request) => this.method.contract.request.encode(request),
      send: (bytes, flushed) => this.sendBytes(bytes, flushed),
      halfClose: () => this.halfClose(),
      fail: (error) => this.cancel(error),
    });
  }

  /** An error is thrown once; after that the iterator is done, as generators do. */
  #last(): Promise<IteratorResult<object>> {
    const error = this.#error;
    this.#error = undefined;
    return error === undefined ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(error);
  }
}

function ignore(): void {}

/** Calls a server-streaming or bidirectional method. */
export function callManyResponses(
  parts: ClientParts,
  method: ClientMethod,
  scope: CallScope,
  requests: StreamSource<object>,
  options: CallOptions,
): AsyncIterableIterator<object> {
  return new ManyResponsesCall(parts, method, scope, requests, options);
}
