// The HTTP/1.1 side of the workload: says what it was asked, streams events, echoes bodies and upgraded connections, fails
// as it is told.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Attempt, Attempts } from './attempts.ts';

/** What the usual answer says. */
export interface HttpReply {
  readonly headers: Readonly<Record<string, string>>;
  readonly received: number;
  readonly padding?: string;
}

/** Every answer of the service has it, whatever its status and body. */
export const INSTANCE = 'x-instance';
const EVENT_PAUSE_MS = 20;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const seen = ({ method = '', url = '', headers }: IncomingMessage): Record<string, string> => ({
  ':method': method,
  ':path': url,
  ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
});

export class HttpEcho {
  readonly #attempts: Attempts;
  readonly #server = createServer({ keepAliveTimeout: 60_000, maxHeaderSize: 131_072 });

  constructor(attempts: Attempts) {
    this.#attempts = attempts;
    const serve = (request: IncomingMessage, response: ServerResponse, waits: boolean): void => {
      const attempt = this.#arrived(request);
      response.once('close', () => {
        if (!response.writableFinished && attempt.order.breakOff !== true) attempt.cancelled();
      });
      // A caller that goes away is what some scenarios are about.
      this.#answer(request, response, attempt, waits).catch(() => response.destroy());
    };
    this.#server.on('request', (request, response) => serve(request, response, false));
    this.#server.on('checkContinue', (request, response) => serve(request, response, true));
    this.#server.on('upgrade', (request: IncomingMessage, socket: Duplex, early: Buffer) => {
      const { order } = this.#arrived(request);
      socket.on('error', () => {});
      const head = `${INSTANCE}: ${this.#attempts.instance}\r\n`;
      if (order.code !== undefined) {
        socket.end(`HTTP/1.1 ${order.code} No\r\n${head}content-length: 0\r\nconnection: close\r\n\r\n`);
        return;
      }
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${head}connection: Upgrade\r\nupgrade: websocket\r\n\r\n`);
      if (early.length > 0) socket.write(early);
      socket.pipe(socket);
    });
  }

  /** @param address - `unix:/path` or `host:port`. */
  async listen(address: string): Promise<void> {
    const colon = address.lastIndexOf(':');
    if (address.startsWith('unix:')) this.#server.listen(address.slice('unix:'.length));
    else this.#server.listen(Number(address.slice(colon + 1)), address.slice(0, colon));
    await once(this.#server, 'listening');
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #arrived(request: IncomingMessage): Attempt {
    return this.#attempts.arrived(String(request.headers['x-order'] ?? ''));
  }

  /** @param waits - the caller asks before it sends its body; where this attempt fails, it need not. */
  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    { order, failing }: Attempt,
    waits: boolean,
  ): Promise<void> {
    const status = failing ? (order.code ?? 500) : 200;
    response.statusCode = status;
    response.setHeader(INSTANCE, this.#attempts.instance);
    for (const [name, value] of Object.entries(order.fields ?? {})) response.setHeader(name, value);
    if (waits && failing) {
      response.setHeader('content-length', 0).end();
      return;
    }
    if (waits) response.writeContinue();
    if (order.echo === true) {
      response.flushHeaders();
      request.pipe(response);
      return;
    }
    if (order.messages !== undefined) {
      response.setHeader('content-type', 'text/event-stream');
      response.flushHeaders();
      for (let index = 0; index < order.messages && !response.destroyed; index++) {
        if (index > 0) await pause(order.delayMs ?? EVENT_PAUSE_MS);
        response.write(`data: ${index}\n\n`);
      }
      response.end();
      return;
    }
    let received = 0;
    for await (const chunk of request) received += (chunk as Buffer).length;
    if (order.delayMs !== undefined) await pause(order.delayMs);
    if (order.breakOff === true) {
      response.write('half', () => request.socket.destroy());
      return;
    }
    response.setHeader('content-type', 'application/json');
    const padding = order.size === undefined ? {} : { padding: 'x'.repeat(order.size) };
    const reply: HttpReply = { headers: seen(request), received, ...padding };
    response.end(status === 204 || status === 304 ? undefined : JSON.stringify(reply));
  }
}
