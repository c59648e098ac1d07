// Where services' gRPC libraries open their CONNECT tunnels (`grpc_proxy=http://NAME:TOKEN@127.0.0.1:PORT`).
// A tunnel belongs to the workload whose token it shows and to the one host that it named; everything else is refused.

import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { parseAuthority } from '../../rules/index.ts';
import { TunnelTokens } from './tunnel-tokens.ts';

export interface TunnelTarget {
  readonly host: string;
  readonly port: number;
}

export interface TunnelOwner {
  /** Takes the socket over. The client has been told that the tunnel stands. */
  tunnel(socket: Duplex, target: TunnelTarget): void;
}

const REFUSALS = {
  400: 'HTTP/1.1 400 Bad Request',
  405: 'HTTP/1.1 405 Method Not Allowed',
  407: 'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="mesh"',
} as const;

/** Request lines and headers of a CONNECT are small; this leaves room for a long token and user agent. */
const MAX_HEADER_BYTES = 8192;
const HANDSHAKE_MS = 10_000;

export class TunnelListener {
  readonly tokens = new TunnelTokens<TunnelOwner>();
  readonly #server: Server;
  readonly #sockets = new Set<Duplex>();

  constructor() {
    this.#server = createServer({
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: HANDSHAKE_MS,
      requestTimeout: HANDSHAKE_MS,
      // Node looks every half a minute otherwise, and a slow head would stay for so long.
      connectionsCheckingInterval: 1000,
    });
    this.#server.on('connect', (request, socket, head) => this.#connect(request, socket, head));
    this.#server.on('request', (_request, response) => response.writeHead(405, { connection: 'close' }).end());
    this.#server.on('clientError', (_error, socket) => refuse(socket, 400));
  }

  async listen(port = 0): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host: '127.0.0.1', port }, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    return (this.#server.address() as AddressInfo).port;
  }

  /** `http://name:token@127.0.0.1:port`, for the environment of a service. */
  issueUrl(name: string, owner: TunnelOwner): string {
    const token = this.tokens.issue(name, owner);
    return `http://${encodeURIComponent(name)}:${token}@127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
    for (const socket of this.#sockets) socket.destroy();
  }

  #connect(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const owner = this.tokens.check(request.headers['proxy-authorization']);
    if (owner === undefined) {
      refuse(socket, 407);
      return;
    }
    const target = parseAuthority(request.url ?? '');
    // Two Host headers, or one that differs, would let two readers of this request see two targets.
    const hosts = request.rawHeaders.filter(
      (_, index, all) => index % 2 === 1 && all[index - 1]?.toLowerCase() === 'host',
    );
    const named = hosts.length === 0 ? target : parseAuthority(hosts[0] ?? '');
    const agrees =
      hosts.length <= 1 && named?.host === target?.host && (named?.port === undefined || named.port === target?.port);
    if (target?.port === undefined || !agrees) {
      refuse(socket, 400);
      return;
    }
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    if (head.length > 0) socket.unshift(head);
    owner.tunnel(socket, { host: target.host, port: target.port });
  }
}

function refuse(socket: Duplex, status: keyof typeof REFUSALS): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  socket.end(`${REFUSALS[status]}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`, () => socket.destroy());
}
