// connect-node speaking the gRPC protocol over HTTP/2, with protobuf-es messages.

import { execFileSync } from 'node:child_process';
import http2 from 'node:http2';
import { createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { createClient } from '@connectrpc/connect';
import { connectNodeAdapter, createGrpcTransport } from '@connectrpc/connect-node';
import {
  boardRequest,
  converseRequest,
  entries,
  leaderboards,
  protoFile,
  roundTrips,
  scoreRequest,
  streamRequest,
} from '../workload.ts';

// buf compiles the contract to descriptors; protobuf-es works from them without generated code.
const image = execFileSync(
  'buf',
  ['build', '--as-file-descriptor-set', '--path', `bench/proto/${protoFile}`, '-o', '-'],
  {
    cwd: new URL('../../', import.meta.url),
    maxBuffer: 1 << 24,
  },
);
const service = createFileRegistry(fromBinary(FileDescriptorSetSchema, image)).getService(
  'fairlead.bench.v1.BenchService',
);

const wide = (entry) => ({ ...entry, score: BigInt(entry.score), updateTimeMs: BigInt(entry.updateTimeMs) });
const wideEntries = entries.map(wide);
const wideBoards = new Map([...leaderboards].map(([size, list]) => [size, list.map(wide)]));

export async function serve() {
  const handler = connectNodeAdapter({
    routes: (router) =>
      router.service(service, {
        getScore: () => ({ entry: wideEntries[0] }),
        getLeaderboard: (request) => ({ entries: wideBoards.get(request.size) }),
        async *streamScores(request) {
          for (let index = 0; index < request.size; index++) yield { entry: wideEntries[index] };
        },
        async *converse(requests) {
          for await (const _ of requests) yield { entry: wideEntries[0] };
        },
      }),
  });
  const server = http2.createServer(handler);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: server.address().port };
}

export async function connect({ port }) {
  const client = createClient(service, createGrpcTransport({ baseUrl: `http://127.0.0.1:${port}` }));
  return {
    small: () => client.getScore(scoreRequest, { timeoutMs: 30_000 }),
    large: () => client.getLeaderboard(boardRequest, { timeoutMs: 30_000 }),
    stream: async () => {
      let count = 0;
      for await (const _ of client.streamScores(streamRequest, { timeoutMs: 30_000 })) count++;
      return count;
    },
    converse: async () => {
      let answered = () => {};
      async function* requests() {
        for (let index = 0; index < roundTrips; index++) {
          const answer = new Promise((resolve) => {
            answered = resolve;
          });
          yield converseRequest;
          await answer;
        }
      }
      for await (const _ of client.converse(requests(), { timeoutMs: 30_000 })) answered();
    },
  };
}
