// The transport that FAIRLEAD_TRANSPORT names. Only that one is loaded: each costs memory in every process.
import type { OpenChannel } from '../client/client-transport.ts';
import type { CreateServerTransport } from '../server/server-transport.ts';

/** Names of the transports. */
export type TransportName = 'grpc-js' | 'fairlead';

/** Both sides of a transport. */
export interface Transport {
  readonly createServer: CreateServerTransport;
  readonly openChannel: OpenChannel;
}

/** Loads a transport. */
export async function loadTransport(name: TransportName): Promise<Transport> {
  if (name === 'fairlead') {
    const [server, client] = await Promise.all([
      import('../server/transports/fairlead-server.ts'),
      import('../client/transports/fairlead-client.ts'),
    ]);
    return { createServer: server.createFairleadServer, openChannel: client.openFairleadChannel };
  }
  const [server, client] = await Promise.all([
    import('../server/transports/grpc-js-server.ts'),
    import('../client/transports/grpc-js-client.ts'),
  ]);
  return { createServer: server.createGrpcJsServer, openChannel: client.openGrpcJsChannel };
}
