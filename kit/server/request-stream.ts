// The requests of a client or bidirectional stream as an async iterable.
// A message is asked of the transport only when the handler asks for it, so a slow handler slows its caller down.

/** Requests in their order; ends at the caller's half-close, throws when the call ends or a message is bad. */
export class RequestStream implements AsyncIterableIterator<object> {
  readonly #pull: () => void;
  readonly #waiting: PromiseWithResolvers<IteratorResult<object>>[] = [];
  #done = false;
  #failure: Error | undefined;

  /** @param pull asks the transport for one more message */
  constructor(pull: () => void) {
    this.#pull = pull;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<object>> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#done) return Promise.resolve({ done: true, value: undefined });
    const waiter = Promise.withResolvers<IteratorResult<object>>();
    if (this.#waiting.push(waiter) === 1) this.#pull();
    return waiter.promise;
  }

  /** The handler reads no further. */
  return(): Promise<IteratorResult<object>> {
    this.finish();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** The message that was asked for. */
  deliver(message: object): void {
    this.#waiting.shift()?.resolve({ done: false, value: message });
    if (this.#waiting.length > 0) this.#pull();
  }

  /** No more messages follow. */
  finish(): void {
    if (this.#failure !== undefined) return;
    this.#done = true;
    for (const waiter of this.#waiting.splice(0)) waiter.resolve({ done: true, value: undefined });
  }

  /** No more messages follow because of an error. */
  fail(error: Error): void {
    if (this.#done || this.#failure !== undefined) return;
    this.#failure = error;
    for (const waiter of this.#waiting.splice(0)) waiter.reject(error);
  }
}
