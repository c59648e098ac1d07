// The client: targets to endpoints, calls to connections, round robin where a name has several addresses.
// The usual call finds its connection in a few comparisons; everything slow happens only when there is none.
import { lookup } from 'node:dns/promises';
import net from 'node:net';
import { ACCEPT_ENCODING } from '../grpc/compression.ts';
import { Status } from '../grpc/status.ts';
import { HeaderTemplate } from '../hpack/header-template.ts';
import { type Swept, sweeper } from '../http2/clock/sweeper.ts';
import type { Http2Connection } from '../http2/connection.ts';
import { Counters } from '../http2/guard/counters.ts';
import { DEFAULT_LIMITS, withLimits } from '../http2/guard/limits.ts';
import { assertSendable } from '../http2/receive/header-rules.ts';
import { type CallHandler, type CallOwner, ClientCall, type Waiter } from './client-call.ts';
import { Endpoint, type EndpointOwner, type EndpointSettings } from './endpoint.ts';
import { type Address, openSocket } from './open-socket.ts';
import type { CallOptions, ClientOptions } from './options.ts';

const NO_OPTIONS: CallOptions = Object.freeze({});
const USER_AGENT = 'fairlead-transport/0.1';
const RESOLVE_AGAIN = 30_000;

export class Client implements CallOwner, EndpointOwner, Swept {
  readonly counters = new Counters();
  readonly maxReceiveMessage: number;
  readonly maxSendMessage: number;
  readonly contentTypes: ReadonlySet<string>;
  readonly #options: ClientOptions;
  readonly #settings: EndpointSettings;
  readonly #templates = new Map<string, HeaderTemplate>();
  readonly #authority: string;
  #endpoints: Endpoint[] = [];
  #next = 0;
  #waiting = new Set<Waiter>();
  #resolving = false;
  #resolvedAt = Number.NEGATIVE_INFINITY;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.maxReceiveMessage = options.maxReceiveMessage ?? 4_194_304;
    this.maxSendMessage = options.maxSendMessage ?? 4_194_304;
    const codecs = options.codecs ?? ['proto'];
    this.contentTypes = new Set(['application/grpc', ...codecs.map((codec) => `application/grpc+${codec}`)]);
    this.#settings = {
      limits: withLimits({ ...DEFAULT_LIMITS, maxConcurrentStreams: 0 }, options),
      counters: this.counters,
      maxConnections: options.maxConnections ?? 4,
      connectTimeout: options.connectTimeout ?? 20_000,
      backoffBase: options.backoffBase ?? 1_000,
      backoffMax: options.backoffMax ?? 120_000,
      onReady: options.onReady,
      onHandlerError: options.onHandlerError,
    };
    const { target } = options;
    const plainTarget = typeof target === 'string' && !target.startsWith('unix:') ? target : undefined;
    this.#authority = options.authority ?? plainTarget ?? 'localhost';
    if (plainTarget === undefined) this.#single();
    sweeper.watch(this);
  }

  #single(): void {
    const { target, tls } = this.#options;
    if (typeof target === 'function') {
      this.#endpoints = [new Endpoint('the given socket', target, this.#settings, this)];
    } else {
      const path = target.slice('unix:'.length);
      this.#endpoints = [
        this.#endpoint(target, { path }, tls === undefined ? undefined : { servername: 'localhost', ...tls }),
      ];
    }
    this.#resolvedAt = Number.POSITIVE_INFINITY;
  }

  #endpoint(name: string, address: Address, tls: ClientOptions['tls']): Endpoint {
    return new Endpoint(name, (signal) => openSocket(address, tls, signal), this.#settings, this);
  }

  /** A call with one request message and one response message: `handler.onEnd` gets `call.reply`. */
  unary(path: string, request: Uint8Array, options: CallOptions | undefined, handler: CallHandler): ClientCall {
    return this.#begin(path, options ?? NO_OPTIONS, request, false, handler);
  }

  /** The same as a promise: the reply, or a `CallError`. */
  call(path: string, request: Uint8Array, options?: CallOptions): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.unary(path, request, options, {
        onEnd(call) {
          if (call.code === Status.OK && call.reply !== undefined) resolve(call.reply);
          else reject(new CallError(call));
        },
      });
    });
  }

  /** One request message, a stream of responses: `call.pull()` for each. */
  serverStream(path: string, request: Uint8Array, options: CallOptions | undefined, handler: CallHandler): ClientCall {
    return this.#begin(path, options ?? NO_OPTIONS, request, true, handler);
  }

  /** A stream of requests, one response. */
  clientStream(path: string, options: CallOptions | undefined, handler: CallHandler): ClientCall {
    return this.#begin(path, options ?? NO_OPTIONS, undefined, false, handler);
  }

  /** Streams both ways. */
  bidiStream(path: string, options: CallOptions | undefined, handler: CallHandler): ClientCall {
    return this.#begin(path, options ?? NO_OPTIONS, undefined, true, handler);
  }

  #begin(
    path: string,
    options: CallOptions,
    request: Uint8Array | undefined,
    responseStream: boolean,
    handler: CallHandler,
  ): ClientCall {
    if (options.metadata !== undefined) assertSendable(options.metadata);
    const call = new ClientCall(
      this,
      this.#template(path, options.authority),
      options,
      request,
      responseStream,
      handler,
    );
    call.start();
    return call;
  }

  #template(path: string, authority: string | undefined): HeaderTemplate {
    const key = authority === undefined ? path : `${path}\n${authority}`;
    let template = this.#templates.get(key);
    if (template === undefined) {
      const { userAgent, tls } = this.#options;
      template = new HeaderTemplate([
        ...[':method', 'POST', ':scheme', tls === undefined ? 'http' : 'https', ':path', path],
        ...[':authority', authority ?? this.#authority, 'te', 'trailers', 'content-type', 'application/grpc'],
        ...['user-agent', userAgent === undefined ? USER_AGENT : `${userAgent} ${USER_AGENT}`],
        ...['grpc-accept-encoding', ACCEPT_ENCODING],
      ]);
      if (this.#templates.size >= 4_096) this.#templates.clear();
      this.#templates.set(key, template);
    }
    return template;
  }

  /** A connection with room, or `undefined`; for a proxy that opens raw streams with `connection.open`. */
  pick(): Http2Connection | undefined {
    const endpoints = this.#endpoints;
    for (let tries = endpoints.length; tries > 0; tries--) {
      this.#next = this.#next + 1 < endpoints.length ? this.#next + 1 : 0;
      const connection = endpoints[this.#next]?.pick();
      if (connection !== undefined) return connection;
    }
    return undefined;
  }

  /** Attaches a waiter to a connection with room, now or later; `fail` when there is none. Raw streams begin here too. */
  dispatch(call: Waiter): void {
    const connection = this.pick();
    if (connection !== undefined) {
      call.attach(connection);
    } else if (this.#closed) {
      call.fail(Status.UNAVAILABLE, 'the client is closed');
    } else if (this.#waiting.size >= (this.#options.maxWaiting ?? 10_000)) {
      call.fail(Status.RESOURCE_EXHAUSTED, 'too many calls wait for a connection');
    } else {
      const reason = call.options.waitForReady ? undefined : this.#unreachable();
      if (reason !== undefined) {
        call.fail(Status.UNAVAILABLE, reason);
        return;
      }
      call.waiting = true;
      this.#waiting.add(call);
      this.#connect();
    }
  }

  /** The waiter waits no more. */
  withdraw(call: Waiter): void {
    this.#waiting.delete(call);
  }

  /** Why no connection can be expected soon, when every address has failed and waits. */
  #unreachable(): string | undefined {
    if (this.#endpoints.length === 0) return undefined;
    const now = performance.now();
    for (const endpoint of this.#endpoints) if (!endpoint.waiting(now)) return undefined;
    const last = this.#endpoints[0];
    return `no connection to ${last?.name}: ${last?.lastError?.message ?? 'unknown reason'}`;
  }

  #connect(): void {
    if (performance.now() - this.#resolvedAt > RESOLVE_AGAIN && !this.#resolving) void this.#resolve();
    for (const endpoint of this.#endpoints) endpoint.connect();
  }

  /** Plain DNS: every address of the name becomes an endpoint. */
  async #resolve(): Promise<void> {
    const { target, tls } = this.#options;
    if (typeof target !== 'string') return;
    this.#resolving = true;
    const colon = target.lastIndexOf(':');
    const host = target.slice(0, colon).replace(/^\[|\]$/g, '');
    const port = Number(target.slice(colon + 1));
    try {
      const found = net.isIP(host) > 0 ? [{ address: host }] : await lookup(host, { all: true });
      const servername = net.isIP(host) > 0 ? undefined : host;
      const secure = tls === undefined || servername === undefined ? tls : { servername, ...tls };
      const old = new Map(this.#endpoints.map((endpoint) => [endpoint.name, endpoint]));
      this.#endpoints = found.map(({ address }) => {
        const name = `${address}:${port}`;
        const kept = old.get(name);
        old.delete(name);
        return kept ?? this.#endpoint(name, { host: address, port }, secure);
      });
      for (const endpoint of old.values()) endpoint.drain();
      this.#resolvedAt = performance.now();
    } catch (error) {
      this.#failWaiting(`the name ${host} cannot be resolved: ${(error as Error).message}`);
      this.#retryLater(this.#settings.backoffBase);
    } finally {
      this.#resolving = false;
    }
    if (this.#closed) for (const endpoint of this.#endpoints) endpoint.close();
    else if (this.#waiting.size > 0) for (const endpoint of this.#endpoints) endpoint.connect();
  }

  onRoom(): void {
    if (this.#waiting.size === 0) return;
    for (const call of this.#waiting) {
      const connection = this.pick();
      if (connection === undefined) break;
      this.#waiting.delete(call);
      call.attach(connection);
    }
    if (this.#waiting.size > 0) this.#connect();
  }

  onFailed(endpoint: Endpoint, error: Error): void {
    if (this.#waiting.size === 0) return;
    const reason = this.#unreachable();
    if (reason !== undefined) this.#failWaiting(`no connection to ${endpoint.name}: ${error.message}`);
    if (this.#waiting.size > 0) this.#retryLater(endpoint.retryAt - performance.now());
  }

  #failWaiting(reason: string): void {
    for (const call of [...this.#waiting]) {
      if (call.options.waitForReady) continue;
      this.#waiting.delete(call);
      call.waiting = false;
      call.fail(Status.UNAVAILABLE, reason);
    }
  }

  #retryLater(milliseconds: number): void {
    if (this.#retry !== undefined || this.#closed) return;
    this.#retry = setTimeout(
      () => {
        this.#retry = undefined;
        if (this.#waiting.size > 0) this.#connect();
      },
      Math.max(10, milliseconds),
    );
  }

  sweep(now: number): void {
    const { idleTimeout = 1_800_000 } = this.#options;
    if (idleTimeout > 0) for (const endpoint of this.#endpoints) endpoint.closeIdle(now - idleTimeout);
  }

  /** Connects ahead of the first call; resolves when a connection is there. */
  ready(timeout: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = performance.now() + timeout;
      const look = (): void => {
        if (this.pick() !== undefined) resolve();
        else if (performance.now() > end || this.#closed) reject(new Error(`no connection within ${timeout} ms`));
        else {
          this.#connect();
          setTimeout(look, 5);
        }
      };
      look();
    });
  }

  /** Takes no new calls; those that run may end by themselves. */
  drain(): void {
    this.#stop();
    for (const endpoint of this.#endpoints) endpoint.drain();
  }

  /** Ends every call with UNAVAILABLE and closes. */
  close(): void {
    this.#stop();
    for (const endpoint of this.#endpoints) endpoint.close();
  }

  #stop(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    sweeper.forget(this);
    for (const call of [...this.#waiting]) call.fail(Status.UNAVAILABLE, 'the client is closed');
  }
}

/** How a call failed, for the promise form. */
export class CallError extends Error {
  override readonly name = 'CallError';
  /** gRPC status code. */
  readonly code: number;
  /** Status text as the server sent it. */
  readonly details: string;
  /** Trailers: [name, value, ...]. */
  readonly trailers: readonly string[];

  constructor(call: ClientCall) {
    super(`${call.code}: ${call.message}`);
    this.code = call.code;
    this.details = call.message;
    this.trailers = call.trailers;
  }
}
