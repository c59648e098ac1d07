// HTTP/2 between two ends of this process: what the mesh does to calls is written once, for streams, and HTTP/1.1 is
// translated at its borders. A pair of in-memory sockets ties the ends together, and no port that anyone could connect to;
// streams go by reference.

import { duplexPair } from 'node:stream';
import { type Client, connect, type Http2Connection, type Server } from '#transport';
import { RECONNECT, SIDECAR_LIMITS } from '../clusters/connection-settings.ts';

/** A client whose connections are served by `server`. */
export function linkTo(server: Server): Client {
  let far: Http2Connection | undefined;
  return connect({
    ...SIDECAR_LIMITS,
    ...RECONNECT,
    target: () => {
      const [near, served] = duplexPair();
      far = server.serve(served);
      return near;
    },
    onReady: (connection) => {
      if (far !== undefined) connection.link(far);
    },
    authority: 'localhost',
    // One at a time, so that `far` is always the other end of the one that becomes ready.
    maxConnections: 1,
  });
}
