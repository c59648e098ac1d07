// Calls with many responses: server stream and bidirectional stream. The result is an async iterable.
// The call begins when somebody starts to read, and is cancelled when they stop before its end.
import type { CallScope } from '../../calls/call-scope.ts';
import type { CallOptions } from '../../context.ts';
import type { StreamSource } from '../../contract/shapes.ts';
import { RpcError } from '../../errors/rpc-error.ts';
import { type ClientMethod, type ClientParts, OutgoingCall } from './outgoing-call.ts';
import { RequestPump } from './request-pump.ts';

class ManyResponsesCall extends OutgoingCall implements AsyncIterableIterator<object> {
  readonly #requests: StreamSource<object>;
  readonly #waiting: PromiseWithResolvers<IteratorResult<object>>[] = [];
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
    if (this.ended) return this.#last();
    const waiter = Promise.withResolvers<IteratorResult<object>>();
    if (this.#waiting.push(waiter) === 1) this.pull();
    return waiter.promise;
  }

  return(): Promise<IteratorResult<object>> {
    this.#begun = true;
    this.cancel(new RpcError('CANCELLED', 'the reader of the responses stopped'));
    this.#error = undefined;
    return Promise.resolve({ done: true, value: undefined });
  }

  protected override response(message: object): void {
    this.#waiting.shift()?.resolve({ done: false, value: message });
    if (this.#waiting.length > 0) this.pull();
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
