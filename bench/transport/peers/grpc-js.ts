// Bare grpc-js with proto-loader: the contender that every goal is set against.
import {
  type ClientDuplexStream,
  type ClientReadableStream,
  credentials,
  makeGenericClientConstructor,
  Server,
  ServerCredentials,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import { BenchService, type GetRequest, type GetResponse, request, response } from '../messages.ts';
import type { BenchClient, BenchServer, Peer } from '../peer.ts';

const definition = BenchService as unknown as ServiceDefinition;

function server(): BenchServer {
  const built = new Server();
  built.addService(definition, {
    Get(call: { request: GetRequest }, done: (error: null, reply: GetResponse) => void) {
      done(null, response(call.request.id, call.request.payload));
    },
    List(call: {
      request: GetRequest;
      write(m: GetResponse): boolean;
      once(e: string, f: () => void): void;
      end(): void;
    }) {
      let left = call.request.count;
      const send = (): void => {
        while (left-- > 0) {
          if (!call.write(response(call.request.id, call.request.payload))) {
            call.once('drain', send);
            return;
          }
        }
        call.end();
      };
      send();
    },
    Chat(call: { on(e: string, f: (m: GetRequest) => void): void; write(m: GetResponse): void; end(): void }) {
      call.on('data', ({ id, payload }) => call.write(response(id, payload)));
      call.on('end', () => call.end());
    },
  });
  return {
    listen: (tls) =>
      new Promise((resolve, reject) => {
        const secure =
          tls === undefined
            ? ServerCredentials.createInsecure()
            : ServerCredentials.createSsl(null, [
                { cert_chain: Buffer.from(tls.cert), private_key: Buffer.from(tls.key) },
              ]);
        built.bindAsync('127.0.0.1:0', secure, (error, port) => (error ? reject(error) : resolve(port)));
      }),
  };
}

interface Stub {
  Get(request: GetRequest, options: object, done: (error: Error | null) => void): void;
  List(request: GetRequest, options: object): ClientReadableStream<GetResponse>;
  Chat(options: object): ClientDuplexStream<GetRequest, GetResponse>;
}

function client(port: number, ca: string | undefined): BenchClient {
  const secure = ca === undefined ? credentials.createInsecure() : credentials.createSsl(Buffer.from(ca));
  const host = ca === undefined ? '127.0.0.1' : 'localhost';
  const Made = makeGenericClientConstructor(definition, 'BenchService');
  const stub = new Made(`${host}:${port}`, secure) as unknown as Stub;
  const options = () => ({ deadline: Date.now() + 10_000 });
  return {
    unary: (payload) =>
      new Promise((resolve, reject) =>
        stub.Get(request(payload), options(), (error) => (error ? reject(error) : resolve())),
      ),
    list: (count) =>
      new Promise((resolve, reject) => {
        const call = stub.List(request(0, count), options());
        call.on('data', () => {});
        call.on('end', resolve);
        call.on('error', reject);
      }),
    chat: (count) =>
      new Promise((resolve, reject) => {
        const call = stub.Chat(options());
        let left = count;
        call.on('data', () => (--left > 0 ? call.write(request()) : call.end()));
        call.on('end', resolve);
        call.on('error', reject);
        call.write(request());
      }),
  };
}

export const peer: Peer = { server, client };
