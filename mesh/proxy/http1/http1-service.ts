// A service of HTTP/1.1 behind its sidecar, as the sidecar's usual client sees one: streams in, requests out.

import { Agent } from 'node:http';
import { type Client, createServer, type Server } from '#transport';
import { SIDECAR_LIMITS } from '../clusters/connection-settings.ts';
import { linkTo } from './in-process-link.ts';
import { type Http1Address, ServiceExchange } from './service-exchange.ts';

/** Connections without a request that are kept for the next one. */
const IDLE_CONNECTIONS = 64;

export class Http1Service {
  readonly client: Client;
  readonly #server: Server;
  readonly #agent = new Agent({ keepAlive: true, maxFreeSockets: IDLE_CONNECTIONS });

  /** @param target - `unix:/path` or `host:port` of this machine. */
  constructor(target: string, onError: (error: unknown) => void) {
    const address = addressOf(target);
    this.#server = createServer({ ...SIDECAR_LIMITS, onHandlerError: onError });
    this.#server.raw((stream, headers, endStream) => {
      new ServiceExchange(stream, headers, endStream, address, this.#agent);
      return true;
    });
    this.client = linkTo(this.#server);
  }

  close(): void {
    this.client.close();
    this.#server.close();
    this.#agent.destroy();
  }
}

function addressOf(target: string): Http1Address {
  if (target.startsWith('unix:')) return { socketPath: target.slice('unix:'.length) };
  const colon = target.lastIndexOf(':');
  return { host: target.slice(0, colon), port: Number(target.slice(colon + 1)) };
}
