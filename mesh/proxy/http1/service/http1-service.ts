// A service of HTTP/1.1 behind its sidecar, as the sidecar's usual client sees one: streams in, requests out.

import { type Client, createServer, type Server } from '#transport';
import { SIDECAR_LIMITS } from '../../clusters/connection-settings.ts';
import { linkTo } from '../in-process-link.ts';
import { type ConnectionOwner, type Http1Address, ServiceConnection } from './service-connection.ts';
import { ServiceExchange } from './service-exchange.ts';

/** Connections without a request that are kept for the next one. */
const IDLE_CONNECTIONS = 64;

export class Http1Service implements ConnectionOwner {
  readonly client: Client;
  readonly #server: Server;
  readonly #address: Http1Address;
  /** The last one that became free is the first one that is taken: the others may end in peace. */
  readonly #idle: ServiceConnection[] = [];

  /** @param target - `unix:/path` or `host:port` of this machine. */
  constructor(target: string, onError: (error: unknown) => void) {
    this.#address = addressOf(target);
    this.#server = createServer({ ...SIDECAR_LIMITS, onHandlerError: onError });
    this.#server.raw((stream, headers, endStream) => {
      new ServiceExchange(stream, headers, endStream, () => this.#take());
      return true;
    });
    this.client = linkTo(this.#server);
  }

  close(): void {
    this.client.close();
    this.#server.close();
    for (const connection of this.#idle.splice(0)) connection.destroy();
  }

  readonly onFree = (connection: ServiceConnection): void => {
    if (this.#idle.length < IDLE_CONNECTIONS) this.#idle.push(connection);
    else connection.destroy();
  };

  readonly onGone = (connection: ServiceConnection): void => {
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
  };

  #take(): ServiceConnection {
    for (;;) {
      const idle = this.#idle.pop();
      if (idle === undefined) return new ServiceConnection(this.#address, this);
      if (idle.usable) return idle;
      idle.destroy();
    }
  }
}

function addressOf(target: string): Http1Address {
  if (target.startsWith('unix:')) return { path: target.slice('unix:'.length) };
  const colon = target.lastIndexOf(':');
  return { host: target.slice(0, colon), port: Number(target.slice(colon + 1)) };
}
