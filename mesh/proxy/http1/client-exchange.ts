// One request of an HTTP/1.1 client as a stream of the mesh, and its answer. Nothing is collected on the way: what a side
// does not take stops the other, and who goes away takes the other with him.

import type { IncomingMessage, ServerResponse } from 'node:http';
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
import { withoutUpgradeFields } from './upgrade-fields.ts';

const NO_OPTIONS = Object.freeze({});
const NOTHING = Buffer.alloc(0);

export class ClientExchange implements StreamHandler, Waiter {
  readonly options = NO_OPTIONS;
  waiting = false;
  readonly #client: Client;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #fields: readonly string[];
  #stream: Http2Stream | undefined;
  #gone = false;
  /** Octets of the answer that the client has not taken yet. */
  #held = 0;

  /** @param fields - of the request: pseudo-fields first, nothing about a hop. */
  constructor(client: Client, request: IncomingMessage, response: ServerResponse, fields: readonly string[]) {
    this.#client = client;
    this.#request = request;
    this.#response = response;
    this.#fields = fields;
  }

  start(): void {
    this.#response.on('drain', () => this.#drained());
    this.#response.on('error', () => this.#abort());
    this.#response.once('close', () => this.#abort());
    this.#client.dispatch(this);
  }

  attach(connection: Http2Connection): void {
    if (this.#gone) return;
    const stream = connection.open(this);
    this.#stream = stream;
    const request = this.#request;
    const bodyless = request.headers['transfer-encoding'] === undefined && !hasLength(request);
    stream.sendHeaders(this.#fields, bodyless);
    if (bodyless) return;
    request.on('data', (chunk: Buffer) => {
      // After the answer, what is left of the request is read and dropped: closing would take the answer from the client.
      if (!stream.sendData(chunk, false) && !this.#gone) request.pause();
    });
    request.once('end', () => stream.sendData(NOTHING, true));
  }

  fail(_code: number, message: string): void {
    this.#refuse(503, message);
  }

  onHeaders(_stream: Http2Stream, headers: HeaderList, endStream: boolean): void {
    const response = this.#response;
    response.writeHead(Number(headerValue(headers, ':status')), withoutUpgradeFields(withoutPseudo(headers)));
    if (endStream) this.#end();
    // A stream of events says nothing at first, and its reader waits for the head.
    else setImmediate(() => response.flushHeaders());
  }

  onData(stream: Http2Stream, bytes: Buffer, start: number, end: number, endStream: boolean): void {
    const room = this.#response.write(bytes.subarray(start, end));
    if (room && this.#held === 0) stream.consume(end - start);
    else this.#held += end - start;
    if (endStream) this.#end();
  }

  /** A trailer section is optional to every HTTP/1.1 client, so none is sent. */
  onTrailers(): void {
    this.#end();
  }

  onReset(): void {
    if (this.#gone || this.#response.writableEnded) return;
    this.#gone = true;
    // Half an answer must not look like a whole one: the connection ends without the last chunk.
    if (this.#response.headersSent) this.#response.destroy();
    else this.#refuse(503, 'upstream connect error or disconnect/reset before headers');
  }

  onDrain(): void {
    this.#request.resume();
  }

  onStalled(): void {}

  onFailure(stream: Http2Stream): boolean {
    stream.reset(ErrorCode.INTERNAL_ERROR);
    this.onReset();
    return true;
  }

  #end(): void {
    this.#gone = true;
    this.#response.end();
    this.#request.resume();
  }

  #drained(): void {
    const octets = this.#held;
    this.#held = 0;
    if (octets > 0) this.#stream?.consume(octets);
  }

  /** The client is gone before its answer was whole. */
  #abort(): void {
    if (this.#gone) return;
    this.#gone = true;
    if (this.waiting) this.#client.withdraw(this);
    this.#stream?.reset(ErrorCode.CANCEL);
  }

  #refuse(status: number, message: string): void {
    if (this.#response.headersSent || this.#response.destroyed) return;
    this.#gone = true;
    this.#response.writeHead(status, { 'content-type': 'text/plain', 'content-length': Buffer.byteLength(message) });
    this.#response.end(message);
    this.#request.resume();
  }
}

const hasLength = (request: IncomingMessage): boolean => Number(request.headers['content-length'] ?? 0) > 0;
