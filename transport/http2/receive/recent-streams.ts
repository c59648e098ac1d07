// Remembers the last streams that ended, so that a late frame is judged by how its stream ended (RFC 9113 5.1).
// Two fixed rings: constant memory, one store a stream, and a scan only when a frame comes for no open stream.

const SIZE = 256;

export class RecentStreams {
  readonly #ended = new Int32Array(SIZE);
  readonly #reset = new Int32Array(SIZE);
  #nextEnded = 0;
  #nextReset = 0;

  /** The stream ended on both sides, or by the peer's reset. */
  ended(id: number): void {
    this.#ended[this.#nextEnded] = id;
    this.#nextEnded = (this.#nextEnded + 1) % SIZE;
  }

  /** We reset the stream: the peer may not know yet. */
  resetByUs(id: number): void {
    this.#reset[this.#nextReset] = id;
    this.#nextReset = (this.#nextReset + 1) % SIZE;
  }

  hasEnded(id: number): boolean {
    return this.#ended.includes(id);
  }

  wasResetByUs(id: number): boolean {
    return this.#reset.includes(id);
  }
}
