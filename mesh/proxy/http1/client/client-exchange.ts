// One request of an HTTP/1.1 client as a stream of the mesh, and its answer.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Client, type HeaderList, type Http2Stream, headerValue } from '#transport';
import { withoutPseudo } from '../end-to-end-fields.ts';
import { withoutUpgradeFields } from '../upgrade-fields.ts';
import { ClientStream } from './client-stream.ts';
import { endsConnection } from './last-answer.ts';

export class ClientExchange extends ClientStream {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #fields: readonly string[];
  /** The client asks before it sends its body. */
  #waits: boolean;

  /** @param fields - of the request: pseudo-fields first, nothing about a hop. */
  constructor(client: Client, request: IncomingMessage, response: ServerResponse, fields: readonly string[]) {
    super(client, request, response);
    this.#request = request;
    this.#response = response;
    this.#fields = fields;
    this.#waits = request.headers.expect !== undefined;
  }

  protected override begin(stream: Http2Stream): void {
    const { headers } = this.#request;
    const length = headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : undefined;
    stream.sendHeaders(this.#fields, length === 0);
    if (length !== 0) this.forward(stream, length);
  }

  override fail(_code: number, message: string): void {
    this.#refuse(503, message);
  }

  override onHeaders(_stream: Http2Stream, headers: HeaderList, endStream: boolean): void {
    const response = this.#response;
    this.#waits = false;
    // An answer before the end of its request is the last of its connection, as in Envoy: the rest is not read to its end.
    if (!this.#request.complete) endsConnection(this.#request, response);
    response.writeHead(Number(headerValue(headers, ':status')), withoutUpgradeFields(withoutPseudo(headers)));
    if (endStream) this.end();
    // A stream of events says nothing at first, and its reader waits for the head; with octets it goes anyway.
    else setImmediate(() => this.#flushHead());
  }

  /** Of what comes before an answer only "Continue" is of use, once, to a client that waits for it. */
  onInformation(_stream: Http2Stream, headers: HeaderList): void {
    if (!this.#waits || this.over || headerValue(headers, ':status') !== '100') return;
    this.#waits = false;
    this.#response.writeContinue();
  }

  override onReset(): void {
    if (this.over || this.#response.writableEnded) return;
    this.over = true;
    // Half an answer must not look like a whole one: the connection ends without the last chunk.
    if (this.#response.headersSent) this.#response.destroy();
    else this.#refuse(503, 'upstream connect error or disconnect/reset before headers');
  }

  protected override end(octets?: Buffer): void {
    this.over = true;
    this.#response.end(octets);
    this.#request.resume();
  }

  #flushHead(): void {
    if (!this.over && !this.begun) this.#response.flushHeaders();
  }

  #refuse(status: number, message: string): void {
    if (this.#response.headersSent || this.#response.destroyed) return;
    this.over = true;
    if (!this.#request.complete) endsConnection(this.#request, this.#response);
    this.#response.writeHead(status, { 'content-type': 'text/plain', 'content-length': Buffer.byteLength(message) });
    this.#response.end(message);
    this.#request.resume();
  }
}
