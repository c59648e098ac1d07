// How a connection ends of which a client may still be sending a request. Closed at once, its system would answer the rest with a
// reset, and the client might never read the answer (RFC 9112, 9.6). Envoy: delayed_close_timeout, 1 s.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

const LINGER_MS = 1000;

/** Ends our side; what still comes is dropped until the client ends its own, or a second after all has been sent. */
export function closeLingering(socket: Duplex): void {
  socket.end(() => setTimeout(() => socket.destroy(), LINGER_MS).unref());
  socket.resume();
}

/** The answer says that nothing follows it. To be called before its head is written. */
export function endsConnection({ socket, complete }: IncomingMessage, response: ServerResponse): void {
  response.shouldKeepAlive = false;
  // What Node calls once the answer is out.
  if (!complete) socket.destroySoon = () => closeLingering(socket);
}
