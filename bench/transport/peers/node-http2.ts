// node:http2 by hand with the same codecs, unary only: the floor of everything built on node:http2.
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { BenchService, request, response } from '../messages.ts';
import type { BenchClient, BenchServer, Peer } from '../peer.ts';

const { Get } = BenchService;

function frame(message: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(message.length + 5);
  out[0] = 0;
  out.writeUInt32BE(message.length, 1);
  out.set(message, 5);
  return out;
}

const whole = (parts: Buffer[]): Buffer => (parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts));

function server(): BenchServer {
  const onStream = (stream: http2.ServerHttp2Stream): void => {
    const parts: Buffer[] = [];
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.on('end', () => {
      const { id, payload } = Get.requestDeserialize(whole(parts).subarray(5));
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(frame(Get.responseSerialize(response(id, payload))));
    });
  };
  return {
    listen: (tls) =>
      new Promise((resolve) => {
        const built = tls === undefined ? http2.createServer() : http2.createSecureServer(tls);
        built.on('stream', onStream);
        built.listen(0, '127.0.0.1', () => resolve((built.address() as AddressInfo).port));
      }),
  };
}

function client(port: number, ca: string | undefined): BenchClient {
  const session = http2.connect(
    `${ca === undefined ? 'http' : 'https'}://localhost:${port}`,
    ca === undefined ? {} : { ca, servername: 'localhost' },
  );
  return {
    unary: (payload) =>
      new Promise((resolve, reject) => {
        const stream = session.request({
          ':method': 'POST',
          ':path': Get.path,
          te: 'trailers',
          'content-type': 'application/grpc',
          'grpc-timeout': '10S',
        });
        const parts: Buffer[] = [];
        stream.on('data', (part: Buffer) => parts.push(part));
        stream.on('error', reject);
        stream.on('end', () => {
          Get.responseDeserialize(whole(parts).subarray(5));
          resolve();
        });
        stream.end(frame(Get.requestSerialize(request(payload))));
      }),
  };
}

export const peer: Peer = { server, client };
