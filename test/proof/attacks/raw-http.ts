// A client of HTTP/1.1 that writes any octets it likes, and what came back. It never throws for a closed connection.
import net from 'node:net';
import { RawSocket } from '../../transport/attacks/raw-socket.ts';

export class RawHttp extends RawSocket<net.Socket> {
  text = '';

  constructor(port: number) {
    super(net.connect({ port, host: '127.0.0.1', noDelay: true }), 5_000);
    this.socket.setEncoding('latin1').on('data', (part: string) => {
      this.text += part;
      this.changed();
    });
  }

  /** Status codes of the answers, in their order. */
  get statuses(): number[] {
    return [...this.text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
  }

  /** Writes, and waits for the socket to take it; false once the connection is gone. */
  async send(octets: string | Buffer): Promise<boolean> {
    if (this.closed || this.socket.destroyed) return false;
    if (!this.socket.write(typeof octets === 'string' ? Buffer.from(octets, 'latin1') : octets)) await this.room();
    return !this.closed;
  }
}
