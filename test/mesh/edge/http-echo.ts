// A service of HTTP/1.1 that says what it was asked, for tests of the edge: echo, events, a WebSocket, and ways to fail.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { WebSocketServer } from 'ws';

/** What `/` answers with. */
export interface HttpEcho {
  readonly instance: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Requests that came, those whose caller went away before the end, and octets of `/large` that were taken from it. */
export interface Seen {
  requests: number;
  abandoned: number;
  taken: number;
}

/** Octets of `/large`. */
export const LARGE = 64 * 2 ** 20;
const BLOCK = 65_536;

export interface HttpEchoService {
  readonly seen: Seen;
  close(): Promise<void>;
}

/** @param listen - `unix:/path`, as the mesh says it. */
export async function startHttpEcho(instance: string, listen: string): Promise<HttpEchoService> {
  const seen: Seen = { requests: 0, abandoned: 0, taken: 0 };
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    seen.requests++;
    response.once('close', () => {
      if (!response.writableFinished) seen.abandoned++;
    });
    // A request that is cut off is what some tests are about.
    answer(instance, seen, request, response).catch(() => response.destroy());
  });
  const webSockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    seen.requests++;
    if (request.url !== '/socket') socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno');
    else
      webSockets.handleUpgrade(request, socket, head, (client) => {
        client.on('message', (data, binary) => {
          // No further message before the echo of this one has left.
          client.pause();
          client.send(data, { binary }, () => client.resume());
        });
        client.on('close', () => seen.abandoned++);
      });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(listen.slice('unix:'.length));
  await once(server, 'listening');
  return {
    seen,
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      webSockets.close();
    },
  };
}

async function answer(instance: string, seen: Seen, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  if (path === '/events') {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    let count = 0;
    const timer = setInterval(() => response.write(`data: ${++count}\n\n`), 20);
    response.once('close', () => clearInterval(timer));
    return;
  }
  if (path === '/silent') {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    return;
  }
  if (path === '/broken') {
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.write('half', () => request.socket.destroy());
    return;
  }
  if (path === '/large') {
    response.writeHead(200, { 'content-type': 'application/octet-stream' });
    const blocks = function* (): Generator<Buffer> {
      for (let count = 0; count < LARGE / BLOCK; count++) {
        seen.taken += BLOCK;
        yield Buffer.alloc(BLOCK, 'x');
      }
    };
    await pipeline(Readable.from(blocks()), response).catch(() => {});
    return;
  }
  if (path === '/early') {
    response.writeHead(413, { 'content-type': 'text/plain' }).end('too large');
    return;
  }
  if (path === '/never') return;
  const status = /^\/status\/([0-9]{3})$/.exec(path)?.[1];
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const echo: HttpEcho = {
    instance,
    method: request.method ?? '',
    url: request.url ?? '',
    headers: request.headers as Record<string, string>,
    body: Buffer.concat(chunks).toString(),
  };
  response.writeHead(status === undefined ? 200 : Number(status), [
    ...['content-type', 'application/json', 'x-instance', instance],
    ...['set-cookie', 'a=1', 'set-cookie', 'b=2', 'connection', 'x-of-this-hop', 'x-of-this-hop', 'secret'],
  ]);
  response.end(status === '204' || status === '304' ? undefined : JSON.stringify(echo));
}
