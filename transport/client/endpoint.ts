// One address: its connections, and the attempts to make one, with gRPC's backoff (doc/connection-backoff.md).
// A connection counts as made when the peer's SETTINGS are there, because only then its limits are known.
import { type ConnectionListener, Http2Connection } from '../http2/connection.ts';
import type { Counters } from '../http2/guard/counters.ts';
import type { ConnectionLimits } from '../http2/guard/limits.ts';
import type { Opener } from './options.ts';

export interface EndpointSettings {
  readonly limits: ConnectionLimits;
  readonly counters: Counters;
  readonly maxConnections: number;
  readonly connectTimeout: number;
  readonly backoffBase: number;
  readonly backoffMax: number;
  readonly onReady: ((connection: Http2Connection) => void) | undefined;
  readonly onHandlerError: ((error: unknown) => void) | undefined;
}

export interface EndpointOwner {
  /** There is room for calls. */
  onRoom(): void;
  /** An attempt failed; the next may begin at `endpoint.retryAt`. */
  onFailed(endpoint: Endpoint, error: Error): void;
}

export class Endpoint implements ConnectionListener {
  /** For messages: `127.0.0.1:50051`. */
  readonly name: string;
  readonly connections: Http2Connection[] = [];
  connecting = false;
  /** Milliseconds of `performance.now()` before which no attempt is made. */
  retryAt = 0;
  lastError: Error | undefined;
  #closed = false;
  #failures = 0;
  #attempt: AbortController | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pending: Http2Connection | undefined;
  readonly #open: Opener;
  readonly #settings: EndpointSettings;
  readonly #owner: EndpointOwner;

  constructor(name: string, open: Opener, settings: EndpointSettings, owner: EndpointOwner) {
    this.name = name;
    this.#open = open;
    this.#settings = settings;
    this.#owner = owner;
  }

  /** A connection with room, or `undefined`. */
  pick(): Http2Connection | undefined {
    const { connections } = this;
    for (let i = 0; i < connections.length; i++) {
      const connection = connections[i] as Http2Connection;
      if (connection.available) return connection;
    }
    return undefined;
  }

  /** Waits for its backoff after a failure. */
  waiting(now: number): boolean {
    return !this.connecting && this.connections.length === 0 && now < this.retryAt;
  }

  /** Makes another connection if that is allowed now. */
  connect(): void {
    if (this.#closed || this.connecting || this.connections.length >= this.#settings.maxConnections) return;
    if (performance.now() < this.retryAt) return;
    this.connecting = true;
    const attempt = new AbortController();
    this.#attempt = attempt;
    const { connectTimeout } = this.#settings;
    this.#timer = setTimeout(
      () => this.#failed(new Error(`no connection within ${connectTimeout} ms`)),
      connectTimeout,
    );
    Promise.resolve()
      .then(() => this.#open(attempt.signal))
      .then(
        (socket) => {
          if (this.#attempt !== attempt) {
            socket.destroy();
            return;
          }
          if (socket.destroyed) {
            this.#failed(new Error('the socket was closed at once'));
            return;
          }
          this.#pending = new Http2Connection('client', socket, this.#settings.limits, this.#settings.counters, this);
        },
        (error: Error) => {
          if (this.#attempt === attempt) this.#failed(error);
        },
      );
  }

  onRequest(): void {}

  onHandlerError(error: unknown): void {
    this.#settings.onHandlerError?.(error);
  }

  onReady(connection: Http2Connection): void {
    if (connection !== this.#pending) return;
    this.#settled();
    this.#pending = undefined;
    this.#failures = 0;
    this.retryAt = 0;
    this.#settings.onReady?.(connection);
    this.connections.push(connection);
    this.#owner.onRoom();
  }

  onStreamClosed(): void {
    this.#owner.onRoom();
  }

  onGoaway(connection: Http2Connection): void {
    this.#drop(connection);
  }

  onClose(connection: Http2Connection, error: Error | undefined): void {
    if (connection === this.#pending) {
      this.#pending = undefined;
      this.#failed(error ?? new Error('the server closed the connection before its SETTINGS'));
      return;
    }
    this.lastError = error;
    this.#drop(connection);
    this.#owner.onRoom();
  }

  #drop(connection: Http2Connection): void {
    const index = this.connections.indexOf(connection);
    if (index >= 0) this.connections.splice(index, 1);
  }

  #settled(): void {
    this.connecting = false;
    this.#attempt = undefined;
    clearTimeout(this.#timer);
  }

  #failed(error: Error): void {
    if (!this.connecting) return;
    this.#attempt?.abort();
    this.#settled();
    const { backoffBase, backoffMax } = this.#settings;
    const wait = Math.min(backoffMax, backoffBase * 1.6 ** this.#failures);
    this.#failures++;
    this.retryAt = performance.now() + wait * (0.8 + Math.random() * 0.4);
    this.lastError = error;
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.destroy(error);
    this.#owner.onFailed(this, error);
  }

  /** Closes connections that have no call since `before`. */
  closeIdle(before: number): void {
    for (const connection of [...this.connections]) {
      if (connection.streams.size > 0 || connection.idleSince > before) continue;
      this.#drop(connection);
      connection.drain();
    }
  }

  /** No new calls; those that run may end. */
  drain(): void {
    this.#closed = true;
    if (this.connecting) this.#abandon();
    for (const connection of this.connections.splice(0)) connection.drain();
  }

  close(): void {
    this.#closed = true;
    if (this.connecting) this.#abandon();
    for (const connection of this.connections.splice(0)) connection.destroy(undefined);
  }

  #abandon(): void {
    this.#attempt?.abort();
    this.#settled();
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.destroy(undefined);
  }
}
