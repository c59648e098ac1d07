// Browsers cannot set headers on a WebSocket, so the token may come as `?access_token=` or as a subprotocol
// `bearer.<token>` beside `fairlead.v1`. The subprotocol is better: addresses end up in logs of proxies.
import type { IncomingHttpHeaders } from 'node:http';

/** The subprotocol that the edge speaks. */
export const subprotocol = 'fairlead.v1';

/** The authorization that a WebSocket request brings outside of its header, or undefined. */
export function webSocketAuthorization(url: string, headers: IncomingHttpHeaders): string | undefined {
  if (headers.authorization !== undefined) return undefined;
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  const token =
    offered.find((name) => name.startsWith('bearer.'))?.slice('bearer.'.length) ??
    new URL(url, 'http://edge').searchParams.get('access_token') ??
    undefined;
  return token === undefined ? undefined : `Bearer ${token}`;
}

/** Of the offered subprotocols the one that is spoken; the token is never sent back. */
export function chooseSubprotocol(offered: ReadonlySet<string>): string | false {
  return offered.has(subprotocol) ? subprotocol : false;
}
