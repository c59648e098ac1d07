// The called side: a unary echo and a server stream, on this repository's transport or on bare grpc-js.
// Started by `main.ts`: argv is `transport|grpc-js ADDRESS`; says `ready` over IPC, and its CPU time when asked.

import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { createServer } from '#transport';

const [library, address = ''] = process.argv.slice(2);
const PATH = '/bench.v1.Echo/Unary';

if (library === 'grpc-js') {
  const octets = (value: Buffer): Buffer => value;
  const server = new Server();
  server.addService(
    {
      Unary: {
        path: PATH,
        requestStream: false,
        responseStream: false,
        requestSerialize: octets,
        requestDeserialize: octets,
        responseSerialize: octets,
        responseDeserialize: octets,
      },
    },
    { Unary: (call: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>) => reply(null, call.request) },
  );
  await new Promise<void>((resolve, reject) =>
    server.bindAsync(address, ServerCredentials.createInsecure(), (error) =>
      error === null ? resolve() : reject(error),
    ),
  );
} else {
  const server = createServer({ maxConcurrentStreams: 1000 });
  server.handle(PATH, { requestStream: false, onMessage: (call, message) => call.reply(message), onCancel: () => {} });
  const [host = '', port = ''] = address.split(':');
  await server.listen(
    address.startsWith('unix:') ? { path: address.slice('unix:'.length) } : { host, port: Number(port) },
  );
}

process.on('message', () => process.send?.({ cpu: process.cpuUsage(), rss: process.memoryUsage().rss }));
process.on('disconnect', () => process.exit());
process.send?.({ ready: true });
