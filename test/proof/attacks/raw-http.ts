// A client of HTTP/1.1 that writes any octets it likes, and what came back. It never throws for a closed connection.
import net from 'node:net';

export class RawHttp {
  readonly socket: net.Socket;
  closed = false;
  text = '';
  #changed: () => void = () => {};

  constructor(port: number) {
    this.socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.setEncoding('latin1').on('data', (part: string) => {
      this.text += part;
      this.#changed();
    });
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      this.closed = true;
      this.#changed();
    });
  }

  /** Status codes of the answers, in their order. */
  get statuses(): number[] {
    return [...this.text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
  }

  /** Writes, and waits for the socket to take it; false once the connection is gone. */
  async send(octets: string | Buffer): Promise<boolean> {
    if (this.closed || this.socket.destroyed) return false;
    if (!this.socket.write(typeof octets === 'string' ? Buffer.from(octets, 'latin1') : octets)) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          this.socket.off('drain', done).off('close', done);
          resolve();
        };
        this.socket.on('drain', done).on('close', done);
      });
    }
    return !this.closed;
  }

  /** Waits until `condition` holds, for `milliseconds` at most. */
  async until(condition: () => boolean, milliseconds = 5_000): Promise<boolean> {
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
