// The called side: a unary echo and a server stream, on this repository's transport or on bare grpc-js.
// Started by `main.ts`: argv is `transport|grpc-js ADDRESS`; says its port over IPC.

import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { createServer } from '#transport';
import { reportUsage } from './report-usage.ts';

const [library, address = ''] = process.argv.slice(2);
const PATH = '/bench.v1.Echo/Unary';
let port = 0;

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
  port = await new Promise<number>((resolve, reject) =>
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
} else {
  const server = createServer({ maxConcurrentStreams: 1000 });
  server.handle(PATH, { requestStream: false, onMessage: (call, message) => call.reply(message), onCancel: () => {} });
  const [host = '', wanted = ''] = address.split(':');
  const bound = await server.listen(
    address.startsWith('unix:') ? { path: address.slice('unix:'.length) } : { host, port: Number(wanted) },
  );
  port = bound.port;
}

reportUsage();
process.send?.({ port });
