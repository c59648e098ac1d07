// Bare grpc-js with proto-loader: the baseline (ratio 1.00) of every table.
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';
import {
  boardRequest,
  entries,
  leaderboards,
  protoFile,
  protoFolders,
  scoreRequest,
  streamRequest,
} from './workload.js';

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
    getScore: (_call, callback) => callback(null, { entry: entries[0] }),
    getLeaderboard: (call, callback) => callback(null, { entries: leaderboards.get(call.request.size) }),
    streamScores: async (call) => {
      for (let index = 0; index < call.request.size; index++) {
        if (!call.write({ entry: entries[index] })) await new Promise((resolve) => call.once('drain', resolve));
      }
      call.end();
    },
    converse: (call) => {
      call.on('data', () => call.write({ entry: entries[0] }));
      call.on('end', () => call.end());
    },
  });
  return await new Promise((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    ),
  );
}

export async function connect(port) {
  const client = new BenchService(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
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
    stream: async () => {
      let count = 0;
      for await (const _ of client.streamScores(streamRequest, deadline())) count++;
      return count;
    },
  };
}
