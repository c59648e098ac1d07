// What every raw client shares, whatever it writes: it waits, and never throws for a closed connection.
import type { Duplex } from 'node:stream';

export abstract class RawSocket<S extends Duplex> {
  readonly socket: S;
  closed = false;
  readonly #patienceMs: number;
  #changed: () => void = () => {};

  /** @param patienceMs how long `until` waits unless told otherwise */
  protected constructor(socket: S, patienceMs: number) {
    this.socket = socket;
    this.#patienceMs = patienceMs;
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
      this.changed();
    });
  }

  /** Something came, or the connection ended: who waits looks again. */
  protected changed(): void {
    this.#changed();
  }

  /** Resolves when the socket takes more, or is gone. */
  protected room(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.socket.off('drain', done);
        this.socket.off('close', done);
        resolve();
      };
      this.socket.on('drain', done);
      this.socket.on('close', done);
    });
  }

  /** Waits until `condition` holds, for `milliseconds` at most. */
  async until(condition: () => boolean, milliseconds = this.#patienceMs): Promise<boolean> {
    const end = performance.now() + milliseconds;
    while (!condition() && performance.now() < end) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 50);
        this.#changed = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return condition();
  }

  close(): void {
    this.socket.destroy();
  }
}
