// One request of an HTTP/1.1 client as a stream of the mesh, and its answer.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Client, type HeaderList, type Http2Stream, headerValue } from '#transport';
import { ClientStream } from './client-stream.ts';
import { withoutPseudo } from './end-to-end-fields.ts';
import { withoutUpgradeFields } from './upgrade-fields.ts';

export class ClientExchange extends ClientStream {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #fields: readonly string[];

  /** @param fields - of the request: pseudo-fields first, nothing about a hop. */
  constructor(client: Client, request: IncomingMessage, response: ServerResponse, fields: readonly string[]) {
    super(client, request, response);
    this.#request = request;
    this.#response = response;
    this.#fields = fields;
  }

  protected override begin(stream: Http2Stream): void {
    const { headers } = this.#request;
    const bodyless = headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;
    stream.sendHeaders(this.#fields, bodyless);
    if (!bodyless) this.forward(stream);
  }

  override fail(_code: number, message: string): void {
    this.#refuse(503, message);
  }

  override onHeaders(_stream: Http2Stream, headers: HeaderList, endStream: boolean): void {
    const response = this.#response;
    response.writeHead(Number(headerValue(headers, ':status')), withoutUpgradeFields(withoutPseudo(headers)));
    if (endStream) this.end();
    // A stream of events says nothing at first, and its reader waits for the head.
    else setImmediate(() => response.flushHeaders());
  }

  override onReset(): void {
    if (this.over || this.#response.writableEnded) return;
    this.over = true;
    // Half an answer must not look like a whole one: the connection ends without the last chunk.
    if (this.#response.headersSent) this.#response.destroy();
    else this.#refuse(503, 'upstream connect error or disconnect/reset before headers');
  }

  protected override end(): void {
    this.over = true;
    this.#response.end();
    this.#request.resume();
  }

  #refuse(status: number, message: string): void {
    if (this.#response.headersSent || this.#response.destroyed) return;
    this.over = true;
    this.#response.writeHead(status, { 'content-type': 'text/plain', 'content-length': Buffer.byteLength(message) });
    this.#response.end(message);
    this.#request.resume();
  }
}
