// A WebSocket of an HTTP/1.1 client: a stream that stays open both ways once the service has taken the protocol, and an
// ordinary answer on a connection that ends with it where the service did not.

import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { StreamHandler, Waiter } from '#transport';
import {
  type Client,
  ErrorCode,
  type HeaderList,
  type Http2Connection,
  type Http2Stream,
  headerValue,
} from '#transport';
import { withoutPseudo } from './end-to-end-fields.ts';
import { tookUpgrade, WEB_SOCKET, withoutUpgradeFields } from './upgrade-fields.ts';

const NO_OPTIONS = Object.freeze({});
const NOTHING = Buffer.alloc(0);
const LINGER_MS = 5000;

/** The head of an answer as text; used where Node's server has left the socket to us. */
export function answerHead(status: number, fields: readonly string[]): string {
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`];
  for (let i = 0; i < fields.length; i += 2) lines.push(`${fields[i]}: ${fields[i + 1]}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

export class ClientUpgrade implements StreamHandler, Waiter {
  readonly options = NO_OPTIONS;
  waiting = false;
  readonly #client: Client;
  readonly #socket: Duplex;
  readonly #fields: readonly string[];
  #stream: Http2Stream | undefined;
  #over = false;
  #held = 0;

  /** @param early - what the client sent along with its request. */
  constructor(client: Client, socket: Duplex, early: Buffer, fields: readonly string[]) {
    this.#client = client;
    this.#socket = socket;
    this.#fields = fields;
    if (early.length > 0) socket.unshift(early);
  }

  start(): void {
    this.#socket.on('error', () => this.#abort());
    this.#socket.once('close', () => this.#abort());
    this.#socket.on('drain', () => this.#drained());
    this.#client.dispatch(this);
  }

  attach(connection: Http2Connection): void {
    if (this.#over) return;
    this.#stream = connection.open(this);
    this.#stream.sendHeaders(this.#fields, false);
  }

  fail(_code: number, message: string): void {
    this.#over = true;
    const fields = ['content-type', 'text/plain', 'content-length', String(Buffer.byteLength(message))];
    this.#socket.end(answerHead(503, [...fields, 'connection', 'close']) + message);
  }

  onHeaders(stream: Http2Stream, headers: HeaderList, endStream: boolean): void {
    const fields = withoutUpgradeFields(withoutPseudo(headers));
    if (!tookUpgrade(headers)) {
      // The end of the connection is the end of the answer, whatever its length was said to be.
      this.#socket.write(answerHead(Number(headerValue(headers, ':status')), [...fields, 'connection', 'close']));
      if (endStream) this.#end();
      return;
    }
    this.#socket.write(answerHead(101, [...fields, 'connection', 'Upgrade', 'upgrade', WEB_SOCKET]));
    this.#socket.on('data', (chunk: Buffer) => {
      if (!stream.sendData(chunk, false)) this.#socket.pause();
    });
    this.#socket.once('end', () => stream.sendData(NOTHING, true));
    if (endStream) this.#end();
  }

  onData(stream: Http2Stream, bytes: Buffer, start: number, end: number, endStream: boolean): void {
    const room = this.#socket.write(bytes.subarray(start, end));
    if (room && this.#held === 0) stream.consume(end - start);
    else this.#held += end - start;
    if (endStream) this.#end();
  }

  onTrailers(): void {
    this.#end();
  }

  onReset(): void {
    if (this.#over) return;
    this.#over = true;
    this.#socket.destroy();
  }

  onDrain(): void {
    this.#socket.resume();
  }

  onStalled(): void {}

  onFailure(stream: Http2Stream): boolean {
    stream.reset(ErrorCode.INTERNAL_ERROR);
    this.onReset();
    return true;
  }

  #end(): void {
    this.#over = true;
    this.#socket.end();
    // Nobody reads what the client may still send; a client that never ends its side is not waited for.
    this.#socket.resume();
    setTimeout(() => this.#socket.destroy(), LINGER_MS).unref();
  }

  #drained(): void {
    const octets = this.#held;
    this.#held = 0;
    if (octets > 0) this.#stream?.consume(octets);
  }

  #abort(): void {
    if (this.#over) return;
    this.#over = true;
    if (this.waiting) this.#client.withdraw(this);
    this.#stream?.reset(ErrorCode.CANCEL);
  }
}
