// Frames that a client sent and a call has not taken yet. When several wait, the socket is not read any further.
// A frame that is not a message of the contract ends the queue with INVALID_ARGUMENT, and so the call.
import type { RawData, WebSocket } from 'ws';
import { RpcError } from '../../errors/rpc-error.ts';

/** Frames that may wait before the socket is paused. */
const highWater = 16;

/** Messages of a WebSocket as an async iterable; ends when the client closes. */
export class FrameQueue implements AsyncIterableIterator<object> {
  readonly #socket: WebSocket;
  readonly #parse: (text: string) => object;
  readonly #frames: object[] = [];
  #waiting: PromiseWithResolvers<IteratorResult<object>> | undefined;
  #error: unknown;
  #ended = false;

  /** @param parse makes a message of a frame's text, or throws */
  constructor(socket: WebSocket, parse: (text: string) => object) {
    this.#socket = socket;
    this.#parse = parse;
    socket.on('message', (data, binary) => this.#take(data, binary));
    socket.on('close', () => this.#end(undefined));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<object>> {
    const frame = this.#frames.shift();
    if (this.#frames.length < highWater / 2 && this.#socket.isPaused) this.#socket.resume();
    if (frame !== undefined) return Promise.resolve({ done: false, value: frame });
    if (this.#error !== undefined) return Promise.reject(this.#error);
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    this.#waiting = Promise.withResolvers();
    return this.#waiting.promise;
  }

  return(): Promise<IteratorResult<object>> {
    this.#end(undefined);
    this.#frames.length = 0;
    return Promise.resolve({ done: true, value: undefined });
  }

  #take(data: RawData, binary: boolean): void {
    if (this.#ended) return;
    let frame: object;
    try {
      if (binary) throw new RpcError('INVALID_ARGUMENT', 'frames are text that holds JSON', { reason: 'BINARY_FRAME' });
      frame = this.#parse(data.toString());
    } catch (error) {
      this.#end(error);
      return;
    }
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) {
      waiting.resolve({ done: false, value: frame });
      return;
    }
    this.#frames.push(frame);
    if (this.#frames.length >= highWater) this.#socket.pause();
  }

  #end(error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (error === undefined) waiting?.resolve({ done: true, value: undefined });
    else waiting?.reject(error);
  }
}
