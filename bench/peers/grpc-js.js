// Bare grpc-js with proto-loader: the baseline (ratio 1.00) of every table.
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';
import { clientCa, serverTls } from '../secure.ts';
import {
  boardRequest,
  converseRequest,
  entries,
  first,
  leaderboards,
  protoFile,
  protoFolders,
  roundTrips,
  scoreRequest,
  streamRequest,
} from '../workload.ts';

const definition = loader.loadSync(protoFile, {
  includeDirs: protoFolders,
  longs: Number,
  enums: String,
  defaults: true,
  oneofs: true,
});
const { BenchService } = grpc.loadPackageDefinition(definition).fairlead.bench.v1;

export async function serve() {
  const server = new grpc.Server();
  server.addService(BenchService.service, {
    getScore: (_call, callback) => callback(null, { entry: first }),
    getLeaderboard: (call, callback) => callback(null, { entries: leaderboards.get(call.request.size) }),
    streamScores: async (call) => {
      for (let index = 0; index < call.request.size; index++) {
        if (!call.write({ entry: entries[index] })) await new Promise((resolve) => call.once('drain', resolve));
      }
      call.end();
    },
    converse: (call) => {
      call.on('data', () => call.write({ entry: first }));
      call.on('end', () => call.end());
    },
  });
  const credentials =
    serverTls === undefined
      ? grpc.ServerCredentials.createInsecure()
      : grpc.ServerCredentials.createSsl(null, [{ cert_chain: serverTls.cert, private_key: serverTls.key }]);
  return await new Promise((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', credentials, (error, port) => (error ? reject(error) : resolve({ port }))),
  );
}

export async function connect({ port }) {
  const credentials = clientCa === undefined ? grpc.credentials.createInsecure() : grpc.credentials.createSsl(clientCa);
  const client = new BenchService(`${clientCa === undefined ? '127.0.0.1' : 'localhost'}:${port}`, credentials);
  const deadline = () => ({ deadline: Date.now() + 30_000 });
  return {
    small: () =>
      new Promise((resolve, reject) =>
        client.getScore(scoreRequest, deadline(), (error, reply) => (error ? reject(error) : resolve(reply))),
      ),
    large: () =>
      new Promise((resolve, reject) =>
        client.getLeaderboard(boardRequest, deadline(), (error, reply) => (error ? reject(error) : resolve(reply))),
      ),
    stream: () =>
      new Promise((resolve, reject) => {
        const call = client.streamScores(streamRequest, deadline());
        let count = 0;
        call.on('data', () => count++);
        call.on('end', () => resolve(count));
        call.on('error', reject);
      }),
    converse: () =>
      new Promise((resolve, reject) => {
        const call = client.converse(deadline());
        let left = roundTrips;
        call.on('data', () => (--left > 0 ? call.write(converseRequest) : call.end()));
        call.on('end', resolve);
        call.on('error', reject);
        call.write(converseRequest);
      }),
  };
}
