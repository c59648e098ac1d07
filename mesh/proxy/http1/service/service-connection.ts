// One connection to a service of HTTP/1.1, with one request at a time. Node's own client does the same with several objects a
// request; the mesh spends most of its time here, so it has one a connection.

import { connect, type Socket } from 'node:net';
import { AnswerReader, type AnswerSink } from './answer-reader.ts';

/** Where the service listens. */
export type Http1Address = { readonly path: string } | { readonly host: string; readonly port: number };

/** Who has the connection. */
export interface Holder extends AnswerSink {
  /** The service takes octets again. */
  onRoom(): void;
  /** The connection ended before the answer did. */
  onBroken(error: NodeJS.ErrnoException): void;
}

export interface ConnectionOwner {
  /** It may carry another request. */
  readonly onFree: (connection: ServiceConnection) => void;
  readonly onGone: (connection: ServiceConnection) => void;
}

/** A service that says when it closes is taken to do so a second earlier: a request must not meet its end on the way. */
const EARLIER_MS = 1000;

export class ServiceConnection {
  readonly #socket: Socket;
  readonly #owner: ConnectionOwner;
  readonly #reader = new AnswerReader();
  #holder: Holder | undefined;
  /** The request has been written to its end. */
  #written = false;
  /** It asked for another protocol: its server may have left the connection to someone else, whatever it answered. */
  #upgrade = false;
  /** When the service may close the idle connection, on the clock of `performance.now()`. */
  #idleUntil = Number.POSITIVE_INFINITY;

  constructor(address: Http1Address, owner: ConnectionOwner) {
    this.#owner = owner;
    const socket = connect({ ...address, noDelay: true });
    this.#socket = socket;
    socket.on('data', (octets: Buffer) => this.#read(octets));
    socket.on('drain', () => this.#holder?.onRoom());
    socket.on('error', (error) => this.#lost(error));
    socket.on('end', () => {
      if (this.#reader.end()) this.#holder = undefined;
      else socket.destroy();
    });
    socket.on('close', () => this.#lost(new Error('the service has ended the connection')));
  }

  /** Neither ended nor about to be. */
  get usable(): boolean {
    return !this.#socket.destroyed && performance.now() < this.#idleUntil;
  }

  /** A request begins. @param upgrade - it asks for another protocol. */
  begin(holder: Holder, method: string, upgrade: boolean): void {
    this.#holder = holder;
    this.#written = false;
    this.#upgrade = upgrade;
    this.#reader.expect(holder, method, upgrade);
  }

  /** @returns false when the service does not take it as fast: `onRoom` follows. */
  write(octets: Buffer | string): boolean {
    return this.#socket.write(octets as string, 'latin1');
  }

  /** Several writes that leave as one. */
  writeAll(...parts: readonly (Buffer | string)[]): boolean {
    const socket = this.#socket;
    socket.cork();
    let room = true;
    for (const part of parts) if (part.length > 0) room = this.write(part);
    socket.uncork();
    return room;
  }

  /** The request is whole. */
  finish(): void {
    this.#written = true;
  }

  /** Of a tunnel: our side has ended. */
  end(): void {
    this.#socket.end();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** The holder wants no more of it; it is not told of the end. */
  destroy(): void {
    this.#holder = undefined;
    this.#socket.destroy();
  }

  #read(octets: Buffer): void {
    try {
      this.#reader.push(octets);
    } catch (error) {
      this.#lost(error as Error);
      this.#socket.destroy();
      return;
    }
    // Not before all that came has been read: what stands behind the answer must not answer the next request.
    if (this.#reader.idle) this.#answered();
  }

  #answered(): void {
    const { reusable, keepAliveS } = this.#reader;
    this.#holder = undefined;
    // A service that has answered before it had the whole request may take the rest for the next one.
    if (!this.#written || !reusable || this.#upgrade || this.#socket.destroyed) {
      this.#socket.destroy();
      return;
    }
    this.#idleUntil = performance.now() + keepAliveS * 1000 - EARLIER_MS;
    // Paused by a caller that did not read: the end of an idle connection has to be seen.
    this.#socket.resume();
    this.#owner.onFree(this);
  }

  #lost(error: NodeJS.ErrnoException): void {
    this.#owner.onGone(this);
    const holder = this.#holder;
    this.#holder = undefined;
    holder?.onBroken(error);
  }
}
