// The admin port: /metrics, /livez, /readyz and the service's own admin paths, over plain HTTP/1.1.
// It listens from the first moment on, so that a probe can tell a slow start from a dead process.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { removeStaleSocket } from '../server/transports/stale-socket.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { readiness } from './readiness.ts';

/** An admin path's answer, sent as JSON. */
export type AdminPath = () => Promise<unknown>;

/** Options of {@link AdminServer}. */
export interface AdminServerOptions {
  readonly telemetry: Telemetry;
  /** Whether the service would answer calls. */
  readonly ready: () => boolean;
  /** Other services that it still waits for. */
  readonly waitingFor: () => readonly string[];
}

const plain = 'text/plain; charset=utf-8';

/** The admin HTTP server of one process. */
export class AdminServer {
  readonly #options: AdminServerOptions;
  readonly #paths = new Map<string, AdminPath>();
  readonly #server: Server;

  constructor(options: AdminServerOptions) {
    this.#options = options;
    this.#server = createServer(
      { headersTimeout: 5_000, requestTimeout: 10_000, connectionsCheckingInterval: 1_000, maxHeaderSize: 8 * 1024 },
      (request, response) => {
        void this.#answer(request, response);
      },
    );
  }

  /** Adds a path of the service's own. */
  add(path: string, answer: AdminPath): void {
    this.#paths.set(path, answer);
  }

  /**
   * Opens the port.
   *
   * @param address `host:port` or `unix:/path`
   * @returns the address with the port that was taken
   */
  async listen(address: string): Promise<string> {
    await removeStaleSocket(address);
    const unix = address.startsWith('unix:');
    const colon = address.lastIndexOf(':');
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (cause) => {
        reject(new Error(`cannot listen on ${address}; check FAIRLEAD_ADMIN_LISTEN: ${cause.message}`, { cause }));
      });
      if (unix) this.#server.listen(address.slice('unix:'.length), resolve);
      else
        this.#server.listen(Number(address.slice(colon + 1)), address.slice(0, colon).replace(/^\[|\]$/g, ''), resolve);
    });
    if (unix) return address;
    return `${address.slice(0, colon)}:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    try {
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        send(response, 405, plain, 'only GET is answered here\n');
      } else if (path === '/livez') {
        send(response, 200, plain, 'ok\n');
      } else if (path === '/readyz') {
        const { status, body } = readiness(this.#options.ready(), this.#options.waitingFor());
        send(response, status, plain, body);
      } else if (path === '/metrics') {
        const { registry } = this.#options.telemetry;
        send(response, 200, registry.contentType, await registry.metrics());
      } else {
        const answer = this.#paths.get(path);
        if (answer === undefined) send(response, 404, plain, 'no such path\n');
        else send(response, 200, 'application/json', JSON.stringify(await answer()));
      }
    } catch (error) {
      this.#options.telemetry.log.error('an admin path failed', { path, error });
      send(response, 500, plain, 'internal error\n');
    }
  }
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body);
}
