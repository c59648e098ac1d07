// The transport of this repository alone, with proto-loader's codecs, which is what bare grpc-js has.
import { loadSync, type MethodDefinition } from '@grpc/proto-loader';
import {
  type CallHandler,
  type ClientCall,
  createServer,
  type MethodHandler,
  connect as open,
  Status,
} from '#transport';
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

type Sized = { readonly size: number };
type Methods = Readonly<
  Record<'GetScore' | 'GetLeaderboard' | 'StreamScores' | 'Converse', MethodDefinition<object, object>>
>;

const options = { includeDirs: [...protoFolders], longs: Number, enums: String, defaults: true, oneofs: true };
const loaded = loadSync(protoFile, options)['fairlead.bench.v1.BenchService'] as unknown as Methods;
const { GetScore, GetLeaderboard, StreamScores, Converse } = loaded;

export async function serve(): Promise<{ port: number }> {
  const server = createServer();
  server.handle(GetScore.path, {
    requestStream: false,
    onMessage(call, message) {
      GetScore.requestDeserialize(message);
      call.reply(GetScore.responseSerialize({ entry: first }));
    },
  });
  server.handle(GetLeaderboard.path, {
    requestStream: false,
    onMessage(call, message) {
      const { size } = GetLeaderboard.requestDeserialize(message) as Sized;
      call.reply(GetLeaderboard.responseSerialize({ entries: leaderboards.get(size) }));
    },
  });
  const stream: MethodHandler = {
    requestStream: false,
    onMessage(call, message) {
      call.data = { next: 0, size: (StreamScores.requestDeserialize(message) as Sized).size };
      stream.onDrain?.(call);
    },
    onDrain(call) {
      const state = call.data as { next: number; readonly size: number };
      while (state.next < state.size) {
        if (!call.sendMessage(StreamScores.responseSerialize({ entry: entries[state.next++] }))) return;
      }
      call.finish(Status.OK);
    },
  };
  server.handle(StreamScores.path, stream);
  server.handle(Converse.path, {
    requestStream: true,
    onCall: (call) => call.pull(),
    onMessage(call, message) {
      Converse.requestDeserialize(message);
      call.sendMessage(Converse.responseSerialize({ entry: first }));
      call.pull();
    },
    onEnd: (call) => call.finish(Status.OK),
  });
  const tls = serverTls === undefined ? {} : { tls: serverTls };
  const { port } = await server.listen({ host: '127.0.0.1', port: 0, ...tls });
  return { port };
}

interface Pending {
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: Error) => void;
  left: number;
}

const settle = (call: ClientCall): void => {
  const pending = call.data as Pending;
  if (call.code === Status.OK) pending.resolve(undefined);
  else pending.reject(new Error(call.message));
};

const unaryOf = (method: MethodDefinition<object, object>): CallHandler => ({
  onEnd(call) {
    if (call.reply !== undefined) method.responseDeserialize(call.reply);
    settle(call);
  },
});
const scoreHandler = unaryOf(GetScore);
const boardHandler = unaryOf(GetLeaderboard);

const streamHandler: CallHandler = {
  onMessage(call, message) {
    StreamScores.responseDeserialize(message);
    call.pull();
  },
  onEnd: settle,
};

const converseHandler: CallHandler = {
  onMessage(call, message) {
    Converse.responseDeserialize(message);
    call.pull();
    const pending = call.data as Pending;
    if (--pending.left > 0) call.sendMessage(Converse.requestSerialize(converseRequest));
    else call.halfClose();
  },
  onEnd: settle,
};

export async function connect({ port }: { port: number }): Promise<Record<string, () => Promise<unknown>>> {
  const tls = clientCa === undefined ? {} : { tls: { ca: clientCa, servername: 'localhost' } };
  const client = open({ target: `127.0.0.1:${port}`, ...tls });
  const options = { timeout: 30_000 };
  const begin = (left: number, start: (pending: Pending) => void): Promise<unknown> =>
    new Promise((resolve, reject) => start({ resolve, reject, left }));
  const unary = (method: MethodDefinition<object, object>, request: object, handler: CallHandler): Promise<unknown> =>
    begin(0, (pending) => {
      client.unary(method.path, method.requestSerialize(request), options, handler).data = pending;
    });
  return {
    small: () => unary(GetScore, scoreRequest, scoreHandler),
    large: () => unary(GetLeaderboard, boardRequest, boardHandler),
    stream: () =>
      begin(0, (pending) => {
        const bytes = StreamScores.requestSerialize(streamRequest);
        const call = client.serverStream(StreamScores.path, bytes, options, streamHandler);
        call.data = pending;
        call.pull();
      }),
    converse: () =>
      begin(roundTrips, (pending) => {
        const call = client.bidiStream(Converse.path, options, converseHandler);
        call.data = pending;
        call.pull();
        call.sendMessage(Converse.requestSerialize(converseRequest));
      }),
  };
}
