// The called side: a unary echo on this repository's transport, on bare grpc-js, or over HTTP/1.1 on node:http.
// Started by `main.ts`: argv is `transport|grpc-js|node:http ADDRESS`; says its port over IPC.

import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { createServer } from '#transport';
import { reportUsage } from './report-usage.ts';

const [library, address = ''] = process.argv.slice(2);
const PATH = '/bench.v1.Echo/Unary';
const [host = '', wanted = ''] = address.split(':');
const where = address.startsWith('unix:') ? { path: address.slice('unix:'.length) } : { host, port: Number(wanted) };
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
} else if (library === 'node:http') {
  const server = createHttpServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = parts.length === 1 ? parts[0] : Buffer.concat(parts);
      response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': body?.length ?? 0 });
      response.end(body);
    });
  });
  server.listen(where);
  await once(server, 'listening');
  const bound = server.address() as AddressInfo | string;
  port = typeof bound === 'string' ? 0 : bound.port;
} else {
  const server = createServer({ maxConcurrentStreams: 1000 });
  server.handle(PATH, { requestStream: false, onMessage: (call, message) => call.reply(message), onCancel: () => {} });
  const bound = await server.listen(where);
  port = bound.port;
}

reportUsage();
process.send?.({ port });
