// The connections from one sidecar to one instance, and how many calls run on them.

import type { Client, Http2Connection } from '#transport';

export class Pool {
  /** The instance. */
  readonly id: string;
  client: Client;
  active = 0;
  /** Calls after which a connection takes no more; 0 is never. */
  maxRequestsPerConnection = 0;
  /** Calls at once on one connection; 0 is as many as the other side allows. */
  maxConcurrentStreams = 0;
  /** Age at which a connection takes no more; 0 is never. */
  maxConnectionDurationMs = 0;
  /** Labels of the instance for telemetry. */
  readonly data: unknown;

  constructor(id: string, client: Client, data: unknown = undefined) {
    this.id = id;
    this.client = client;
    this.data = data;
  }

  /** A call was opened on a connection of this pool, and its headers are on their way. */
  opened(connection: Http2Connection): void {
    const { maxConcurrentStreams, maxConnectionDurationMs } = this;
    if (maxConcurrentStreams > 0 && connection.peerMaxStreams > maxConcurrentStreams)
      connection.peerMaxStreams = maxConcurrentStreams;
    if (maxConnectionDurationMs > 0 && performance.now() - connection.openedAt > maxConnectionDurationMs)
      connection.drain();
    if (this.maxRequestsPerConnection === 0) return;
    const served = (typeof connection.data === 'number' ? connection.data : 0) + 1;
    connection.data = served;
    if (served >= this.maxRequestsPerConnection) connection.drain();
  }

  /** Connections made anew: the old ones end with the calls that run on them. */
  async replace(client: Client): Promise<void> {
    const old = this.client;
    try {
      await client.ready(5000);
    } finally {
      this.client = client;
      old.drain();
    }
  }
}
