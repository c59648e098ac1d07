// What a client of HTTP/1.1 wants, as a stream of the mesh that may have to wait for its connection. Nothing is collected on the
// way: what one side does not take stops the other, and who goes away takes the other with him.

import type { Readable, Writable } from 'node:stream';
import {
  type Client,
  ErrorCode,
  type HeaderList,
  type Http2Connection,
  type Http2Stream,
  type StreamHandler,
  type Waiter,
} from '#transport';

const NO_OPTIONS = Object.freeze({});
const NOTHING = Buffer.alloc(0);

/** The part that a request and its answer have in common with a WebSocket. */
export abstract class ClientStream implements StreamHandler, Waiter {
  readonly options = NO_OPTIONS;
  waiting = false;
  /** Neither side gets anything more of the other. */
  protected over = false;
  /** Octets of the answer have gone to the client. */
  protected begun = false;
  readonly #client: Client;
  readonly #source: Readable;
  readonly #sink: Writable;
  #stream: Http2Stream | undefined;
  /** Octets of the answer that the client has not taken yet. */
  #held = 0;

  /**
   * @param source - what the client sends
   * @param sink - what the client reads
   */
  constructor(client: Client, source: Readable, sink: Writable) {
    this.#client = client;
    this.#source = source;
    this.#sink = sink;
  }

  /** The stream is open and its head has not been sent. */
  protected abstract begin(stream: Http2Stream): void;

  /** The answer is whole with these octets. */
  protected abstract end(octets?: Buffer): void;

  abstract fail(code: number, message: string): void;
  abstract onHeaders(stream: Http2Stream, headers: HeaderList, endStream: boolean): void;
  abstract onReset(): void;

  start(): void {
    this.#sink.on('drain', () => this.#drained());
    this.#sink.on('error', () => this.#abort());
    this.#sink.once('close', () => this.#abort());
    this.#client.dispatch(this);
  }

  attach(connection: Http2Connection): void {
    if (this.over) return;
    this.#stream = connection.open(this);
    this.begin(this.#stream);
  }

  onData(stream: Http2Stream, bytes: Buffer, start: number, end: number, endStream: boolean): void {
    this.begun = true;
    const octets = bytes.subarray(start, end);
    if (endStream) {
      stream.consume(end - start);
      this.end(octets);
    } else if (this.#sink.write(octets) && this.#held === 0) stream.consume(end - start);
    else this.#held += end - start;
  }

  /** A trailer section is optional to every HTTP/1.1 client, so none is sent. */
  onTrailers(): void {
    this.end();
  }

  onDrain(): void {
    this.#source.resume();
  }

  onStalled(): void {}

  onFailure(stream: Http2Stream): boolean {
    stream.reset(ErrorCode.INTERNAL_ERROR);
    this.onReset();
    return true;
  }

  /** Sends on what the client sends, from now to its end. @param length - of all of it, where that is known. */
  protected forward(stream: Http2Stream, length = Number.POSITIVE_INFINITY): void {
    let left = length;
    this.#source.on('data', (chunk: Buffer) => {
      left -= chunk.length;
      // After the answer, what is left of the request is read and dropped: closing would take the answer from the client.
      if (!stream.sendData(chunk, left === 0) && !this.over) this.#source.pause();
    });
    if (length === Number.POSITIVE_INFINITY) this.#source.once('end', () => stream.sendData(NOTHING, true));
  }

  #drained(): void {
    const octets = this.#held;
    this.#held = 0;
    if (octets > 0) this.#stream?.consume(octets);
  }

  /** The client is gone before its answer was whole. */
  #abort(): void {
    if (this.over) return;
    this.over = true;
    if (this.waiting) this.#client.withdraw(this);
    this.#stream?.reset(ErrorCode.CANCEL);
  }
}
