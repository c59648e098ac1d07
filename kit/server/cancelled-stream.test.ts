// A stream of requests whose caller cancels or vanishes is no complete one: the handler must see the difference.
import assert from 'node:assert/strict';
import { type AddressInfo, createConnection, createServer } from 'node:net';
import { describe, it } from 'node:test';
import grpc from '@grpc/grpc-js';
import { RpcError } from '../errors/rpc-error.ts';
import { echoContract, type Loose, startEcho } from './fixtures/echo-server.ts';

const asIs = (bytes: Buffer): Buffer => bytes;
const method = (rpc: string) => {
  const found = echoContract.methods.find((candidate) => candidate.rpc === rpc);
  if (found === undefined) throw new Error(`no method ${rpc}`);
  return found;
};

/** What the handler's loop over the requests ended with. */
async function ending(requests: AsyncIterable<Loose>, first: () => void): Promise<string> {
  try {
    for await (const _ of requests) first();
    return 'complete';
  } catch (error) {
    return RpcError.is(error) ? error.code : String(error);
  }
}

for (const transport of ['grpc-js', 'fairlead'] as const) {
  describe(`a caller that ends early, on ${transport}`, { timeout: 30_000 }, () => {
    for (const rpc of ['Sum', 'Chat']) {
      for (const how of ['cancels', 'loses its connection']) {
        it(`${rpc}: the requests end with CANCELLED when it ${how}`, async () => {
          const ended = Promise.withResolvers<string>();
          const arrived = Promise.withResolvers<void>();
          const echo = await startEcho({
            transport,
            handlers: {
              sum: async (requests) => {
                ended.resolve(await ending(requests, arrived.resolve));
                return {};
              },
              chat: async function* (requests) {
                const outcome = await ending(requests, arrived.resolve);
                ended.resolve(outcome);
                if (outcome === 'complete') yield {};
              },
            },
          });
          const [host = '', port = ''] = echo.address.split(':');
          const sockets: { destroy(): void }[] = [];
          const relay = createServer((socket) => {
            const upstream = createConnection(Number(port), host);
            socket
              .on('error', () => {})
              .pipe(upstream.on('error', () => {}))
              .pipe(socket);
            sockets.push(socket, upstream);
          });
          await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
          const client = new grpc.Client(
            `127.0.0.1:${(relay.address() as AddressInfo).port}`,
            grpc.credentials.createInsecure(),
          );
          const { path } = method(rpc);
          const call =
            rpc === 'Sum'
              ? client.makeClientStreamRequest(path, asIs, asIs, () => {})
              : client.makeBidiStreamRequest(path, asIs, asIs);
          call.on('error', () => {});
          if (rpc === 'Chat') (call as grpc.ClientDuplexStream<Buffer, Buffer>).resume();
          call.write(method(rpc).request.encode({ amount: 1, text: 'x' }));
          await arrived.promise;
          if (how === 'cancels') call.cancel();
          else for (const socket of sockets) socket.destroy();
          const outcome = await ended.promise;
          client.close();
          for (const socket of sockets) socket.destroy();
          relay.close();
          await echo.stop();
          assert.equal(outcome, 'CANCELLED');
        });
      }
    }
  });
}
