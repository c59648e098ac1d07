// A stream that has to wait for a decision: what comes meanwhile is held in order, within its window, and played back.

import type { HeaderList, Http2Stream, StreamHandler } from '#transport';

export class WaitingStream implements StreamHandler {
  readonly #stream: Http2Stream;
  readonly #ended: boolean;
  readonly #held: (() => void)[] = [];
  #gone = false;

  constructor(stream: Http2Stream, ended: boolean) {
    this.#stream = stream;
    this.#ended = ended;
    stream.handler = this;
  }

  /** @param next - sets the stream's next handler; it gets what was held. */
  resume(next: (ended: boolean) => void): void {
    if (this.#gone) return;
    next(this.#ended);
    for (const event of this.#held) if (!this.#stream.closed) event();
  }

  onHeaders(): void {}

  onData(stream: Http2Stream, bytes: Buffer, start: number, end: number, endStream: boolean): void {
    const copy = Buffer.from(bytes.subarray(start, end));
    this.#held.push(() => stream.handler.onData(stream, copy, 0, copy.length, endStream));
  }

  onTrailers(stream: Http2Stream, headers: HeaderList): void {
    this.#held.push(() => stream.handler.onTrailers(stream, headers));
  }

  onReset(): void {
    this.#gone = true;
  }

  onDrain(): void {}
  onStalled(): void {}
}
