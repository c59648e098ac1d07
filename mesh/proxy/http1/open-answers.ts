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

  add(socket: Duplex, response: ServerResponse): void {
    let answers = this.#of.get(socket);
    if (answers === undefined) {
      answers = { open: new Set(), closing: false };
      this.#of.set(socket, answers);
    }
    const { open } = answers;
    const own = answers;
    open.add(response);
    response.once('finish', () => {
      if (!response.shouldKeepAlive) own.closing = true;
    });
    response.once('close', () => open.delete(response));
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
