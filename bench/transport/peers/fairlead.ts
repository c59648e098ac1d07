// The transport of this repository, with proto-loader codecs on both sides.
import { type CallHandler, type ClientCall, connect, createServer, type MethodHandler, Status } from '#transport';
import { BenchService, type GetRequest, request, response } from '../messages.ts';
import type { BenchClient, BenchServer, Peer } from '../peer.ts';

const { Get, List, Chat } = BenchService;

function server(): BenchServer {
  const built = createServer();
  built.handle(Get.path, {
    requestStream: false,
    onMessage(call, message) {
      const { id, payload } = Get.requestDeserialize(message);
      call.reply(Get.responseSerialize(response(id, payload)));
    },
  });
  const list: MethodHandler = {
    requestStream: false,
    onMessage(call, message) {
      const { id, count, payload } = List.requestDeserialize(message);
      call.data = { id, left: count, payload };
      list.onDrain?.(call);
    },
    onDrain(call) {
      const state = call.data as { id: string; left: number; payload: Uint8Array };
      while (state.left-- > 0) {
        if (!call.sendMessage(List.responseSerialize(response(state.id, state.payload)))) return;
      }
      call.finish(Status.OK);
    },
  };
  built.handle(List.path, list);
  built.handle(Chat.path, {
    requestStream: true,
    onCall: (call) => call.pull(),
    onMessage(call, message) {
      const { id, payload } = Chat.requestDeserialize(message);
      call.sendMessage(Chat.responseSerialize(response(id, payload)));
      call.pull();
    },
    onEnd: (call) => call.finish(Status.OK),
  });
  return {
    listen: async (tls) => (await built.listen({ host: '127.0.0.1', port: 0, ...(tls && { tls }) })).port,
  };
}

interface Pending {
  resolve(): void;
  reject(error: Error): void;
  left: number;
}

const settle = (call: ClientCall): void => {
  const pending = call.data as Pending;
  if (call.code === Status.OK) pending.resolve();
  else pending.reject(new Error(call.message));
};

const unaryHandler: CallHandler = {
  onEnd(call) {
    if (call.reply !== undefined) Get.responseDeserialize(call.reply);
    settle(call);
  },
};

const listHandler: CallHandler = {
  onMessage(call, message) {
    List.responseDeserialize(message);
    call.pull();
  },
  onEnd: settle,
};

const chatHandler: CallHandler = {
  onMessage(call, message) {
    Chat.responseDeserialize(message);
    call.pull();
    const pending = call.data as Pending;
    if (--pending.left > 0) call.sendMessage(Chat.requestSerialize(request()));
    else call.halfClose();
  },
  onEnd: settle,
};

function client(port: number, ca: string | undefined): BenchClient {
  const tls = ca === undefined ? {} : { tls: { ca, servername: 'localhost' } };
  const built = connect({ target: `127.0.0.1:${port}`, ...tls });
  const options = { timeout: 10_000 };
  const begin = (left: number, start: (pending: Pending) => void): Promise<void> =>
    new Promise((resolve, reject) => start({ resolve, reject, left }));
  return {
    unary: (payload) =>
      begin(0, (pending) => {
        const bytes = Get.requestSerialize(request(payload) as GetRequest);
        built.unary(Get.path, bytes, options, unaryHandler).data = pending;
      }),
    list: (count) =>
      begin(0, (pending) => {
        const call = built.serverStream(List.path, List.requestSerialize(request(0, count)), options, listHandler);
        call.data = pending;
        call.pull();
      }),
    chat: (count) =>
      begin(count, (pending) => {
        const call = built.bidiStream(Chat.path, options, chatHandler);
        call.data = pending;
        call.pull();
        call.sendMessage(Chat.requestSerialize(request()));
      }),
  };
}

export const peer: Peer = { server, client };
