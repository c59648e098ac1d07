// The latest request of each connection and its answer. Answers leave in the order of their requests (RFC 9112, 9.3.2), each
// request has one: what is written on a connection beside them has to wait for its turn, or must not be written at all.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Answer of the request before, while that has not left. */
  readonly before: ServerResponse | undefined;
}

const latest = new WeakMap<Socket, Exchange>();

/** Takes note of a request whose head has arrived. */
export function noteExchange(request: IncomingMessage, response: ServerResponse): void {
  const { socket } = request;
  const before = latest.get(socket)?.response;
  latest.set(socket, { request, response, before: before?.writableFinished === false ? before : undefined });
}

/**
 * Calls back when everything has been answered that came before the octets that are read now: at once, where nothing waits.
 * A connection that ends before is not told of.
 *
 * @param turn is told whether those octets belong to a request that has its answer already
 */
export function whenItsTurnComes(socket: Socket, turn: (answered: boolean) => void): void {
  const exchange = latest.get(socket);
  if (exchange === undefined) {
    turn(false);
    return;
  }
  const { request, response, before } = exchange;
  // What follows a whole request is the next one; a part of a body belongs to the request that has begun.
  if (request.complete) {
    whenFinished(response, () => turn(false));
    return;
  }
  whenFinished(before, () => {
    if (response.headersSent) whenFinished(response, () => turn(true));
    else turn(false);
  });
}

/** Calls back when the answer has left, at once when it has or there is none. */
function whenFinished(response: ServerResponse | undefined, then: () => void): void {
  if (response?.writableFinished === false) response.once('finish', then);
  else then();
}
