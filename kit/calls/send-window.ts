// How far a sender may run ahead of its receiver: messages that were sent but have not left the process.
// One message may always be on its way, whatever its size.

/** Most bytes on their way at once. */
const maxBytes = 64 * 1024;

/** Counts what is on its way and says when there is room. */
export class SendWindow {
  readonly #sizes: number[] = [];
  #bytes = 0;
  #waiting: (() => void) | undefined;

  /** Given to the transport with every message; messages leave in their order. */
  readonly flushed = (): void => {
    this.#bytes -= this.#sizes.shift() ?? 0;
    if (this.#bytes < maxBytes) this.release();
  };

  add(bytes: number): void {
    this.#sizes.push(bytes);
    this.#bytes += bytes;
  }

  get full(): boolean {
    return this.#bytes >= maxBytes;
  }

  /** Resolves when there is room, or when the call has ended. */
  room(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  release(): void {
    this.#waiting?.();
    this.#waiting = undefined;
  }
}
