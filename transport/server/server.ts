// The server: listeners, accepted sockets, routing by path, draining. Calls are in `server-call.ts`.
// One table look-up a call decides between a method, a raw handler and UNIMPLEMENTED.
import net from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import type { HeaderList } from '../hpack/decoder.ts';
import { type Swept, sweeper } from '../http2/clock/sweeper.ts';
import { type ConnectionListener, Http2Connection } from '../http2/connection.ts';
import { Counters } from '../http2/guard/counters.ts';
import { type ConnectionLimits, withLimits } from '../http2/guard/limits.ts';
import type { Http2Stream } from '../http2/stream.ts';
import { Gateway } from './gateway.ts';
import type { MethodHandler } from './method-handler.ts';
import { type ListenTarget, SERVER_LIMITS, type ServerOptions, type ServerTls } from './options.ts';

/** Takes any request as HTTP/2: see `Server.raw`. */
export type RawHandler = (stream: Http2Stream, headers: HeaderList, endStream: boolean) => boolean;

export class Server implements ConnectionListener, Swept {
  /** What happened so far; never reset. */
  readonly counters = new Counters();
  readonly connections = new Set<Http2Connection>();
  readonly #options: ServerOptions;
  readonly #limits: ConnectionLimits;
  readonly #gateway: Gateway;
  readonly #listeners = new Set<net.Server>();
  #raw: RawHandler | undefined;
  #draining = false;
  #whenEmpty: (() => void)[] = [];

  constructor(options: ServerOptions = {}) {
    this.#options = options;
    this.#limits = withLimits(SERVER_LIMITS, options);
    this.#gateway = new Gateway(options);
  }

  /** Serves `path` (`/package.Service/Method`). Replaces what was there. */
  handle(path: string, handler: MethodHandler): void {
    this.#gateway.methods.set(path, handler);
  }

  /** Asked for paths that `handle` does not know; `undefined` answers UNIMPLEMENTED. */
  fallback(find: (path: string) => MethodHandler | undefined): void {
    this.#gateway.find = find;
  }

  /**
   * Sees every request first, gRPC or not, with all its fields in order. Returning true takes the stream: the handler
   * must have set `stream.handler`. Returning false leaves the request to `handle` and `fallback`.
   */
  raw(handler: RawHandler): void {
    this.#raw = handler;
  }

  /** Listens; resolves with the address (`port` is the real one for port 0). */
  listen(target: ListenTarget): Promise<{ readonly port: number; readonly address: string }> {
    const listener = target.tls === undefined ? this.#plain() : this.#secure(target.tls);
    this.#listeners.add(listener);
    return new Promise((resolve, reject) => {
      listener.once('error', reject);
      listener.listen('path' in target ? { path: target.path } : { host: target.host, port: target.port }, () => {
        listener.off('error', reject);
        listener.on('error', (error) => this.#options.onHandlerError?.(error));
        const address = listener.address();
        resolve(
          typeof address === 'object' && address !== null
            ? { port: address.port, address: address.address }
            : { port: 0, address: address ?? '' },
        );
      });
    });
  }

  #plain(): net.Server {
    return net.createServer({ noDelay: true }, (socket) => this.serve(socket));
  }

  #secure(options: ServerTls): net.Server {
    const { requireClientCertificate = false, more, ...context } = options;
    const settings = { ...context, ...more, ALPNProtocols: ['h2'], noDelay: true };
    const mutual = { requestCert: requireClientCertificate, rejectUnauthorized: requireClientCertificate };
    const handshakeTimeout = this.#limits.settingsTimeout;
    const listener = tls.createServer({ minVersion: 'TLSv1.2', handshakeTimeout, ...settings, ...mutual }, (socket) => {
      if (socket.alpnProtocol !== 'h2') socket.destroy();
      else this.serve(socket);
    });
    listener.on('tlsClientError', (_error, socket) => socket.destroy());
    return listener;
  }

  /** Speaks HTTP/2 on an accepted socket: a connection, an unwrapped TLS socket, a CONNECT tunnel. */
  serve(socket: Duplex): Http2Connection | undefined {
    // A socket that is closed already would never say so again.
    if (socket.destroyed) return undefined;
    if (this.#draining || this.connections.size >= (this.#options.maxConnections ?? 10_000)) {
      this.counters.refusedConnections++;
      socket.destroy();
      return undefined;
    }
    const connection = new Http2Connection('server', socket, this.#limits, this.counters, this);
    this.connections.add(connection);
    if (this.connections.size === 1) sweeper.watch(this);
    return connection;
  }

  onRequest(stream: Http2Stream, headers: HeaderList, endStream: boolean): void {
    if (this.#raw?.(stream, headers, endStream)) return;
    this.#gateway.begin(stream, headers, endStream);
  }

  onHandlerError(error: unknown): void {
    this.#options.onHandlerError?.(error);
  }

  onClose(connection: Http2Connection): void {
    this.connections.delete(connection);
    if (this.connections.size > 0) return;
    sweeper.forget(this);
    const waiting = this.#whenEmpty;
    this.#whenEmpty = [];
    for (const done of waiting) done();
  }

  /** Age and idleness of connections. */
  sweep(now: number): void {
    const { maxConnectionAge = 0, maxConnectionAgeGrace = 30_000, maxConnectionIdle = 0 } = this.#options;
    if (maxConnectionAge === 0 && maxConnectionIdle === 0) return;
    for (const connection of this.connections) {
      const age = now - connection.openedAt;
      if (connection.draining) {
        if (now - connection.drainedAt > maxConnectionAgeGrace)
          connection.destroy(new Error('the grace of its age is over'));
        continue;
      }
      // Spread by a tenth, so that connections opened together are not closed together (gRFC A9).
      const limit = maxConnectionAge * (1 + (connection.openedAt % 100) / 1000);
      const aged = maxConnectionAge > 0 && age > limit;
      const idle =
        maxConnectionIdle > 0 && connection.streams.size === 0 && now - connection.idleSince > maxConnectionIdle;
      if (!aged && !idle) continue;
      if (aged) this.counters.agedConnections++;
      else this.counters.idleConnections++;
      connection.drain();
    }
  }

  /** Stops listening and takes no new calls; resolves when all have ended, or after `grace` milliseconds by force. */
  async drain(grace: number): Promise<void> {
    this.#draining = true;
    this.#stopListening();
    if (this.connections.size === 0) return;
    const empty = new Promise<void>((resolve) => this.#whenEmpty.push(resolve));
    for (const connection of this.connections) connection.drain();
    const timer = setTimeout(() => this.#destroyAll(), grace);
    await empty;
    clearTimeout(timer);
  }

  /** Closes everything at once. */
  close(): void {
    this.#draining = true;
    this.#stopListening();
    this.#destroyAll();
  }

  #stopListening(): void {
    for (const listener of this.#listeners) listener.close();
    this.#listeners.clear();
  }

  #destroyAll(): void {
    for (const connection of this.connections) connection.destroy(undefined);
  }
}
