// Which answers are on their way on each connection. When the parser gives a connection up, a refusal may be written only
// where it cannot be taken for a part of another answer, or for the answer to another request.

import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

interface Answers {
  readonly open: Set<ServerResponse>;
  /** The last answer said that nothing follows it. */
  closing: boolean;
}

export class OpenAnswers {
  readonly #of = new WeakMap<Duplex, Answers>();
  readonly #all = new Set<ServerResponse>();

  add(socket: Duplex, response: ServerResponse): void {
    let answers = this.#of.get(socket);
    if (answers === undefined) {
      answers = { open: new Set(), closing: false };
      this.#of.set(socket, answers);
    }
    const { open } = answers;
    const own = answers;
    open.add(response);
    this.#all.add(response);
    response.once('finish', () => {
      if (!response.shouldKeepAlive) own.closing = true;
    });
    response.once('close', () => {
      open.delete(response);
      this.#all.delete(response);
    });
  }

  /** Connections end with the answers that are on their way, which say so where it is not too late. */
  endConnections(): void {
    for (const response of this.#all) {
      const { socket } = response.req;
      if (response.headersSent) response.once('finish', () => socket.destroySoon());
      else response.shouldKeepAlive = false;
    }
  }

  /** Nothing is open, or only the request that is still being read, unanswered. */
  mayRefuse(socket: Duplex): boolean {
    const answers = this.#of.get(socket);
    if (answers === undefined) return true;
    if (answers.closing || answers.open.size > 1) return false;
    const [only] = answers.open;
    return only === undefined || (!only.headersSent && !only.req.complete);
  }
}
