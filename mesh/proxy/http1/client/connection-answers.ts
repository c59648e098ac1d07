// The answers of one connection, one after the other. A request that was sent ahead waits for the answer before it, as in Envoy: of
// two that change something, the second must not overtake the first (RFC 9112, 9.3.2). And when the parser gives the connection
// up, a refusal may be written only where it cannot be taken for a part of another answer, or for the answer to another request.

import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Requests that may wait for their turn. Clients do not send ahead; one that does so without end would be held whole. */
const MOST_WAITING = 100;

interface Turn {
  readonly response: ServerResponse;
  readonly begin: () => void;
}

export class ConnectionAnswers {
  readonly #socket: Socket;
  readonly #waiting: Turn[] = [];
  #open: ServerResponse | undefined;
  /** The last answer said that nothing follows it. */
  #closing = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Begins at once, or when all answers before are out; never, where the connection ends before that. */
  take(response: ServerResponse, begin: () => void): void {
    if (this.#open === undefined) this.#begin(response, begin);
    else if (this.#waiting.length < MOST_WAITING) this.#waiting.push({ response, begin });
    else this.#socket.destroy();
  }

  /** No answer is on its way, and none has ended the connection. */
  get idle(): boolean {
    return this.#open === undefined && !this.#closing;
  }

  /** The connection ends with the answer that is on its way, which says so where it is not too late. */
  end(): void {
    const response = this.#open;
    if (response === undefined) return;
    this.#waiting.length = 0;
    if (response.headersSent) response.once('finish', () => this.#socket.destroySoon());
    else response.shouldKeepAlive = false;
  }

  /** Nothing is open, or only the request that is still being read, unanswered. */
  get mayRefuse(): boolean {
    const response = this.#open;
    if (this.#closing || this.#waiting.length > 0) return false;
    return response === undefined || (!response.headersSent && !response.req.complete);
  }

  #begin(response: ServerResponse, begin: () => void): void {
    this.#open = response;
    response.once('close', () => this.#ended(response));
    begin();
  }

  #ended(response: ServerResponse): void {
    this.#open = undefined;
    if (!response.shouldKeepAlive) this.#closing = true;
    const next = this.#closing || this.#socket.destroyed ? undefined : this.#waiting.shift();
    if (next === undefined) this.#waiting.length = 0;
    else this.#begin(next.response, next.begin);
  }
}
