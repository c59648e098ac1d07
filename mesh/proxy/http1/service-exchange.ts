// A stream of the mesh as one request to a service that speaks HTTP/1.1, and its answer; the counterpart of the exchange
// with a client. A stream that ends early ends the request, so that the service learns that nobody waits for it.

import { type Agent, type ClientRequest, type IncomingMessage, request as openRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import { ErrorCode, type HeaderList, type Http2Stream, headerValue, type StreamHandler } from '#transport';
import { endToEndFields, withoutPseudo } from './end-to-end-fields.ts';
import { asksForUpgrade, isUpgradeField, TOOK_UPGRADE, WEB_SOCKET, withoutUpgradeFields } from './upgrade-fields.ts';

const NOTHING = Buffer.alloc(0);
/** Of an answer's head; a service of ours says less. */
const MAX_HEADER_BYTES = 61_440;
/** Errors of a connection that was never made. */
const UNREACHED = new Set(['ECONNREFUSED', 'ENOENT', 'EAGAIN', 'ENOTSOCK']);

/** Where the service listens. */
export type Http1Address = { readonly socketPath: string } | { readonly host: string; readonly port: number };

export class ServiceExchange implements StreamHandler {
  readonly #stream: Http2Stream;
  readonly #request: ClientRequest;
  readonly #upgrade: boolean;
  /** Where the answer comes from: a message, or the socket of a WebSocket. */
  #source: IncomingMessage | Duplex | undefined;
  /** The service's socket, once it has taken the protocol. */
  #socket: Duplex | undefined;
  #over = false;
  /** Octets of the request that the service has not taken yet. */
  #held = 0;

  constructor(stream: Http2Stream, headers: HeaderList, ended: boolean, address: Http1Address, agent: Agent) {
    this.#stream = stream;
    stream.handler = this;
    this.#upgrade = asksForUpgrade(headers) && !ended;
    this.#request = openRequest({
      ...address,
      agent,
      method: headerValue(headers, ':method') ?? 'GET',
      path: headerValue(headers, ':path') ?? '/',
      headers: serviceFields(headers, ended, this.#upgrade),
      setHost: false,
      insecureHTTPParser: false,
      maxHeaderSize: MAX_HEADER_BYTES,
    });
    const request = this.#request;
    request.on('error', (error: NodeJS.ErrnoException) => this.#failed(error));
    request.on('response', (response) => this.#response(response));
    request.on('upgrade', (response, socket, early) => this.#upgraded(response, socket, early));
    request.on('drain', () => this.#drained());
    if (this.#upgrade || ended) request.end();
    // A body that comes at once goes out with the head; one that comes later does not keep the head back.
    else setImmediate(() => request.flushHeaders());
  }

  onHeaders(): void {}

  onData(stream: Http2Stream, bytes: Buffer, start: number, end: number, endStream: boolean): void {
    const sink = this.#upgrade ? this.#socket : this.#request;
    // A client may speak only when its WebSocket stands.
    const room = sink === undefined || sink.destroyed || sink.write(bytes.subarray(start, end));
    if (room && this.#held === 0) stream.consume(end - start);
    else this.#held += end - start;
    if (endStream) this.#requestEnded();
  }

  /** Trailers of a request are left out: few services of HTTP/1.1 look for them, and none of ours does. */
  onTrailers(): void {
    this.#requestEnded();
  }

  onReset(): void {
    // After a whole answer there is something to end only where the request was not whole.
    if (this.#over && this.#request.writableFinished) return;
    this.#over = true;
    this.#request.destroy();
    this.#socket?.destroy();
  }

  onDrain(): void {
    this.#source?.resume();
  }

  onStalled(): void {}

  onFailure(stream: Http2Stream): boolean {
    stream.reset(ErrorCode.INTERNAL_ERROR);
    this.onReset();
    return true;
  }

  #requestEnded(): void {
    if (this.#upgrade) this.#socket?.end();
    else this.#request.end();
  }

  #response(response: IncomingMessage): void {
    if (this.#over) {
      response.destroy();
      return;
    }
    const status = response.statusCode ?? 0;
    const bodyless = this.#request.method === 'HEAD' || status === 204 || status === 304;
    const fields = withoutUpgradeFields(endToEndFields(response.rawHeaders));
    this.#stream.sendHeaders([':status', String(status), ...fields], bodyless);
    if (bodyless) {
      this.#over = true;
      response.resume();
      return;
    }
    this.#send(response);
    response.on('error', () => this.#broken());
    response.once('close', () => {
      // Cut off: the caller must not take a part for the whole.
      if (!response.complete) this.#broken();
    });
  }

  #upgraded(response: IncomingMessage, socket: Duplex, early: Buffer): void {
    if (this.#over || !this.#upgrade) {
      socket.destroy();
      this.#broken();
      return;
    }
    this.#socket = socket;
    if (early.length > 0) socket.unshift(early);
    const fields = withoutUpgradeFields(endToEndFields(response.rawHeaders));
    this.#stream.sendHeaders([':status', '200', ...fields, ...TOOK_UPGRADE], false);
    socket.on('drain', () => this.#drained());
    socket.on('error', () => this.#broken());
    socket.once('close', () => this.#broken());
    this.#send(socket);
  }

  #send(source: IncomingMessage | Duplex): void {
    const stream = this.#stream;
    this.#source = source;
    source.on('data', (chunk: Buffer) => {
      if (!stream.sendData(chunk, false)) source.pause();
    });
    source.once('end', () => {
      this.#over = true;
      stream.sendData(NOTHING, true);
      this.#socket?.end();
    });
  }

  #drained(): void {
    const octets = this.#held;
    this.#held = 0;
    if (octets > 0) this.#stream.consume(octets);
  }

  #failed(error: NodeJS.ErrnoException): void {
    if (this.#over) return;
    this.#over = true;
    // Never reached the service: may be tried again, whatever it is.
    this.#stream.reset(UNREACHED.has(error.code ?? '') ? ErrorCode.REFUSED_STREAM : ErrorCode.INTERNAL_ERROR);
  }

  #broken(): void {
    if (this.#over) return;
    this.#over = true;
    this.#stream.reset(ErrorCode.INTERNAL_ERROR);
    this.#request.destroy();
  }
}

/** The request's fields as HTTP/1.1 has them: Host first, and how long the body is. */
function serviceFields(headers: HeaderList, ended: boolean, upgrade: boolean): string[] {
  const fields = ['host', headerValue(headers, ':authority') ?? headerValue(headers, 'host') ?? 'localhost'];
  const rest = withoutPseudo(headers);
  for (let i = 0; i < rest.length; i += 2) {
    const name = rest[i] ?? '';
    if (name !== 'host' && !isUpgradeField(name)) fields.push(name, rest[i + 1] ?? '');
  }
  if (upgrade) return [...fields, 'connection', 'Upgrade', 'upgrade', WEB_SOCKET];
  const method = headerValue(headers, ':method');
  if (headerValue(rest, 'content-length') !== undefined) return fields;
  if (!ended) return [...fields, 'transfer-encoding', 'chunked'];
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS' ? fields : [...fields, 'content-length', '0'];
}
