// A WebSocket of an HTTP/1.1 client: a stream that stays open both ways once the service has taken the protocol, and an
// ordinary answer on a connection that ends with it where the service did not.

import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Client, type HeaderList, type Http2Stream, headerValue } from '#transport';
import { withoutPseudo } from '../end-to-end-fields.ts';
import { tookUpgrade, WEB_SOCKET, withoutUpgradeFields } from '../upgrade-fields.ts';
import { ClientStream } from './client-stream.ts';
import { closeLingering } from './last-answer.ts';

/** The head of an answer as text; used where Node's server has left the socket to us. */
export function answerHead(status: number, fields: readonly string[]): string {
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`];
  for (let i = 0; i < fields.length; i += 2) lines.push(`${fields[i]}: ${fields[i + 1]}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

export class ClientUpgrade extends ClientStream {
  readonly #socket: Duplex;
  readonly #fields: readonly string[];

  /** @param early - what the client sent along with its request. */
  constructor(client: Client, socket: Duplex, early: Buffer, fields: readonly string[]) {
    super(client, socket, socket);
    this.#socket = socket;
    this.#fields = fields;
    if (early.length > 0) socket.unshift(early);
  }

  protected override begin(stream: Http2Stream): void {
    stream.sendHeaders(this.#fields, false);
  }

  override fail(_code: number, message: string): void {
    this.over = true;
    const fields = ['content-type', 'text/plain', 'content-length', String(Buffer.byteLength(message))];
    this.#socket.end(answerHead(503, [...fields, 'connection', 'close']) + message);
  }

  override onHeaders(stream: Http2Stream, headers: HeaderList, endStream: boolean): void {
    const fields = withoutUpgradeFields(withoutPseudo(headers));
    if (tookUpgrade(headers)) {
      this.#socket.write(answerHead(101, [...fields, 'connection', 'Upgrade', 'upgrade', WEB_SOCKET]));
      this.forward(stream);
    } else {
      // The end of the connection is the end of the answer, whatever its length was said to be.
      this.#socket.write(answerHead(Number(headerValue(headers, ':status')), [...fields, 'connection', 'close']));
    }
    if (endStream) this.end();
  }

  override onReset(): void {
    if (this.over) return;
    this.over = true;
    this.#socket.destroy();
  }

  protected override end(octets?: Buffer): void {
    this.over = true;
    if (octets !== undefined) this.#socket.write(octets);
    closeLingering(this.#socket);
  }
}
