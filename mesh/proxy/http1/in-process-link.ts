// HTTP/2 between two ends of this process: what the mesh does to calls is written once, for streams, and HTTP/1.1 is
// translated at its borders. A pair of in-memory sockets costs a copy, and no port that anyone could connect to.

import { duplexPair } from 'node:stream';
import { type Client, connect, type Server } from '#transport';
import { RECONNECT, SIDECAR_LIMITS } from '../clusters/connection-settings.ts';

/** A client whose connections are served by `server`. */
export function linkTo(server: Server): Client {
  return connect({
    ...SIDECAR_LIMITS,
    ...RECONNECT,
    target: () => openLink(server),
    authority: 'localhost',
    maxConnections: 1,
  });
}

/** One connection to `server`, as the target of a client. */
export function openLink(server: Server): ReturnType<typeof duplexPair>[0] {
  const [near, far] = duplexPair();
  server.serve(far);
  return near;
}
