// HTTP/1.1 from outside, translated to streams of the mesh. Node's server parses, strictly and within bounds: a request that
// is late, too large or can be read in two ways is refused here, and its connection with it.

import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Client } from '#transport';
import { ASK_FOR_UPGRADE, WEB_SOCKET } from '../upgrade-fields.ts';
import { ClientExchange } from './client-exchange.ts';
import { answerHead, ClientUpgrade } from './client-upgrade.ts';
import { ConnectionAnswers } from './connection-answers.ts';
import { endsConnection } from './last-answer.ts';
import { requestFields } from './request-fields.ts';
import { whichHttp } from './which-http.ts';

/** Bounds on what a client may send, and how slowly. */
export const HTTP1_LIMITS = {
  /** Envoy: max_request_headers_kb 60. */
  maxHeaderBytes: 61_440,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 60_000,
  keepAliveMs: 60_000,
} as const;

export type Http1Limits = { readonly [K in keyof typeof HTTP1_LIMITS]: number };

export interface Http1ListenerOptions {
  /** Where requests go as streams. */
  readonly client: Client;
  /** Adds what an edge adds: [name, value, ...]. The address is the client's. */
  readonly edge: (fields: string[], address: string) => string[];
  /** Takes a connection that begins as one of HTTP/2. */
  readonly http2: (socket: Socket) => void;
  readonly limits?: Partial<Http1Limits>;
}

const REFUSALS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

export class Http1Listener {
  readonly #options: Http1ListenerOptions;
  readonly #server: Server;
  /** Every connection: Node's server does not close those that it has handed over, or that have said nothing yet. */
  readonly #answers = new Map<Socket, ConnectionAnswers>();
  /** Those that have said nothing yet. */
  readonly #silent = new Set<Socket>();
  #draining = false;

  constructor(options: Http1ListenerOptions) {
    this.#options = options;
    const limits = { ...HTTP1_LIMITS, ...options.limits };
    this.#server = createServer({
      insecureHTTPParser: false,
      requireHostHeader: true,
      maxHeaderSize: limits.maxHeaderBytes,
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: Math.min(1000, limits.headersTimeoutMs),
      noDelay: true,
      // Any other protocol is none of this server's; see isUpgradeTaken.
      shouldUpgradeCallback: ({ method, headers }) =>
        method === 'GET' && headers.upgrade?.trim().toLowerCase() === WEB_SOCKET,
    });
    // Node drops fields beyond its maximum in silence: without one, their number is seen and refused.
    this.#server.maxHeadersCount = 0;
    const [http1] = this.#server.listeners('connection') as ((socket: Socket) => void)[];
    this.#server.removeAllListeners('connection');
    this.#server.on('connection', (socket: Socket) => {
      this.#answers.set(socket, new ConnectionAnswers(socket));
      this.#silent.add(socket);
      socket.once('close', () => {
        this.#answers.delete(socket);
        this.#silent.delete(socket);
      });
      const heard = (serve: (socket: Socket) => void) => (): void => {
        this.#silent.delete(socket);
        serve(socket);
      };
      whichHttp(socket, {
        http1: heard((each) => http1?.call(this.#server, each)),
        http2: heard(options.http2),
        timeoutMs: limits.headersTimeoutMs,
      });
    });
    const serve = (request: IncomingMessage, response: ServerResponse): void => this.#request(request, response);
    this.#server.on('request', serve);
    // Whether the client may send its body is the service's to say, as in Istio (ENABLE_100_CONTINUE_HEADERS).
    this.#server.on('checkContinue', serve);
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#server.on('connect', (_request, socket) => {
      if (this.#isTurnOf(socket)) end(socket, 405, 'a tunnel is not carried');
    });
    this.#server.on('clientError', (error: Error & { readonly code?: string }, stream) => {
      const socket = stream as Socket;
      if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
      else if (this.#answers.get(socket)?.mayRefuse === false) socket.destroySoon();
      else end(socket, REFUSALS[error.code ?? ''] ?? 400, '');
    });
  }

  /** @returns the port. @throws Error when it is taken */
  listen(where: { readonly host: string; readonly port: number }): Promise<number> {
    const server = this.#server;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(where, () => {
        server.off('error', reject);
        resolve((server.address() as AddressInfo).port);
      });
    });
  }

  /** Takes no new connections, and no new requests on those that there are; what runs may end. */
  drain(): void {
    this.#draining = true;
    this.#server.close();
    for (const socket of this.#silent) socket.destroy();
    for (const answers of this.#answers.values()) answers.end();
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#answers.keys()) socket.destroy();
  }

  #request(request: IncomingMessage, response: ServerResponse): void {
    this.#answers.get(request.socket)?.take(response, () => this.#begin(request, response));
  }

  #begin(request: IncomingMessage, response: ServerResponse): void {
    if (this.#draining) response.shouldKeepAlive = false;
    const read = requestFields(request);
    if (read.refused !== undefined) {
      endsConnection(request, response);
      response.writeHead(read.refused, { 'content-type': 'text/plain' });
      response.end(read.why);
      request.resume();
      return;
    }
    const fields = this.#options.edge(read.fields, request.socket.remoteAddress ?? '');
    new ClientExchange(this.#options.client, request, response, fields).start();
  }

  /** Another protocol is asked for: never ahead of an answer, because nobody watches the socket from now on. */
  #isTurnOf(socket: Duplex): boolean {
    const idle = this.#answers.get(socket as Socket)?.idle === true;
    if (!idle) socket.destroy();
    return idle;
  }

  #upgrade(request: IncomingMessage, socket: Duplex, early: Buffer): void {
    if (!this.#isTurnOf(socket)) return;
    const read = requestFields(request);
    if (read.refused !== undefined) {
      end(socket, read.refused, read.why);
      return;
    }
    const fields = this.#options.edge(read.fields, request.socket.remoteAddress ?? '');
    new ClientUpgrade(this.#options.client, socket, early, [...fields, ...ASK_FOR_UPGRADE]).start();
  }
}

/** Answers where there is no response object, and ends the connection. */
function end(socket: Duplex, status: number, why: string): void {
  const text = why === '' ? (STATUS_CODES[status] ?? '') : why;
  const fields = [
    'content-type',
    'text/plain',
    'content-length',
    String(Buffer.byteLength(text)),
    'connection',
    'close',
  ];
  socket.on('error', () => socket.destroy());
  socket.end(answerHead(status, fields) + text, () => socket.destroy());
}
