// Whole calls over a real socket: the four kinds, errors, deadlines, cancellation, metadata, large messages.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CallError, type Client, type ClientCall, connect, createServer, type Server, Status } from '../index.ts';

let server: Server;
let client: Client;
const cancelled: string[] = [];

before(async () => {
  server = createServer();
  server.handle('/t.T/Echo', {
    requestStream: false,
    onMessage: (call, message) => call.reply(message, ['x-tail', call.header('x-head') ?? 'none']),
  });
  server.handle('/t.T/Fail', {
    requestStream: false,
    onMessage: (call) => call.finish(Status.NOT_FOUND, 'no such ☺ thing\n', ['x-why-bin', 'AAE']),
  });
  server.handle('/t.T/Throw', {
    requestStream: false,
    onMessage() {
      throw new Error('secret');
    },
  });
  server.handle('/t.T/Never', {
    requestStream: false,
    onMessage() {},
    onCancel: (call) => cancelled.push(call.cancelReason ?? ''),
  });
  server.handle('/t.T/Count', {
    requestStream: false,
    onMessage(call, message) {
      call.data = { next: 0, end: message.readUInt32BE(0) };
      this.onDrain?.(call);
    },
    onDrain(call) {
      const state = call.data as { next: number; end: number };
      while (state.next < state.end) {
        const out = Buffer.alloc(1000);
        out.writeUInt32BE(state.next++);
        if (!call.sendMessage(out)) return;
      }
      call.finish(Status.OK);
    },
  });
  server.handle('/t.T/Sum', {
    requestStream: true,
    onCall(call) {
      call.data = 0;
      call.pull();
    },
    onMessage(call, message) {
      call.data = (call.data as number) + message.length;
      call.pull();
    },
    onEnd: (call) => call.reply(Buffer.from(String(call.data))),
  });
  server.handle('/t.T/Chat', {
    requestStream: true,
    onCall: (call) => call.pull(),
    onMessage(call, message) {
      call.sendMessage(message);
      call.pull();
    },
    onEnd: (call) => call.finish(Status.OK),
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  client = connect({ target: `127.0.0.1:${port}` });
});

after(() => {
  client.close();
  server.close();
});

test('a unary call carries metadata both ways', async () => {
  const ended = await new Promise<ClientCall>((resolve) => {
    client.unary('/t.T/Echo', Buffer.from('hello'), { metadata: ['x-head', 'value'] }, { onEnd: resolve });
  });
  assert.equal(ended.code, Status.OK);
  assert.equal(ended.reply?.toString(), 'hello');
  assert.deepEqual(ended.trailers, ['grpc-status', '0', 'x-tail', 'value']);
});

test('an empty message is a message', async () => {
  assert.equal((await client.call('/t.T/Echo', Buffer.alloc(0))).length, 0);
});

test('a message of 3 MiB goes through windows and frames unchanged', async () => {
  const message = Buffer.alloc(3 * 1024 * 1024, 'abcdefg');
  assert.deepEqual(await client.call('/t.T/Echo', message), message);
});

test('a hundred and fifty calls at once share what connections allow', async () => {
  const replies = await Promise.all(
    Array.from({ length: 150 }, (_, i) => client.call('/t.T/Echo', Buffer.from(String(i)))),
  );
  assert.deepEqual(
    replies.map(String),
    Array.from({ length: 150 }, (_, i) => String(i)),
  );
});

const fails = (code: number, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof CallError);
  assert.equal(error.code, code);
  assert.match(error.details, message);
  return true;
};

test('an error carries any text and binary trailers', async () => {
  await assert.rejects(client.call('/t.T/Fail', Buffer.alloc(0)), (error: unknown) => {
    fails(Status.NOT_FOUND, /^no such ☺ thing\n$/)(error);
    assert.deepEqual((error as CallError).trailers.slice(-2), ['x-why-bin', 'AAE']);
    return true;
  });
});

test('what a handler throws stays inside', async () => {
  await assert.rejects(client.call('/t.T/Throw', Buffer.alloc(0)), fails(Status.INTERNAL, /^internal error$/));
  assert.equal(server.counters.handlerErrors, 1);
});

test('an unknown method is UNIMPLEMENTED', async () => {
  await assert.rejects(client.call('/t.T/Nothing', Buffer.alloc(0)), fails(Status.UNIMPLEMENTED, /Nothing/));
});

test('a deadline ends the call on both sides', async () => {
  cancelled.length = 0;
  await assert.rejects(
    client.call('/t.T/Never', Buffer.alloc(0), { timeout: 30 }),
    fails(Status.DEADLINE_EXCEEDED, /./),
  );
  while (cancelled.length === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.match(cancelled[0] ?? '', /deadline|peer/);
});

test('a call that cannot begin ends after its owner has got it', async () => {
  const seen: string[] = [];
  await new Promise<void>((resolve) => {
    const call = client.unary(
      '/t.T/Echo',
      Buffer.alloc(0),
      { timeout: 0 },
      { onEnd: (ended) => resolve(void seen.push(`${ended.code} ${ended.data}`)) },
    );
    call.data = 'owned';
  });
  assert.deepEqual(seen, [`${Status.DEADLINE_EXCEEDED} owned`]);
  assert.throws(
    () => client.unary('/t.T/Echo', Buffer.alloc(0), { metadata: [':path', '/x'] }, { onEnd() {} }),
    TypeError,
  );
});

test('messages that wait to be pulled outlive the end of the stream', async () => {
  const request = Buffer.alloc(4);
  request.writeUInt32BE(20);
  const got: number[] = [];
  const ended = await new Promise<ClientCall>((resolve) => {
    const call = client.serverStream('/t.T/Count', request, undefined, {
      onMessage: (_self, message) => got.push(message.readUInt32BE(0)),
      onEnd: resolve,
    });
    const look = (): void => {
      if (client.counters.streams > 0) setImmediate(look);
      else call.pull(100);
    };
    setImmediate(look);
  });
  assert.equal(ended.code, Status.OK);
  assert.equal(got.length, 20);
});

test('a message over the limit is refused before it is sent', async () => {
  await assert.rejects(client.call('/t.T/Echo', Buffer.alloc(5_000_000)), fails(Status.RESOURCE_EXHAUSTED, /exceeds/));
});

test('a server stream of 5,000 messages arrives in order, pulled one by one', async () => {
  const request = Buffer.alloc(4);
  request.writeUInt32BE(5_000);
  let expected = 0;
  const ended = await new Promise<ClientCall>((resolve) => {
    const call = client.serverStream('/t.T/Count', request, undefined, {
      onMessage(self, message) {
        assert.equal(message.readUInt32BE(0), expected++);
        if (expected % 7 === 0) setImmediate(() => self.pull());
        else self.pull();
      },
      onEnd: resolve,
    });
    call.pull();
  });
  assert.equal(ended.code, Status.OK);
  assert.equal(expected, 5_000);
});

test('a client stream is summed', async () => {
  const ended = await new Promise<ClientCall>((resolve) => {
    let left = 200;
    const send = (call: ClientCall): void => {
      while (left > 0) {
        left--;
        if (!call.sendMessage(Buffer.alloc(10_000))) return;
      }
      call.halfClose();
    };
    send(client.clientStream('/t.T/Sum', undefined, { onDrain: send, onEnd: resolve }));
  });
  assert.equal(ended.code, Status.OK);
  assert.equal(ended.reply?.toString(), '2000000');
});

test('a bidirectional stream answers each message', async () => {
  const got: string[] = [];
  const ended = await new Promise<ClientCall>((resolve) => {
    const call = client.bidiStream('/t.T/Chat', undefined, {
      onMessage(self, message) {
        got.push(message.toString());
        if (got.length === 50) self.halfClose();
        else self.sendMessage(Buffer.from(`m${got.length}`));
        self.pull();
      },
      onEnd: resolve,
    });
    call.pull();
    call.sendMessage(Buffer.from('m0'));
  });
  assert.equal(ended.code, Status.OK);
  assert.equal(got.length, 50);
});

test('cancelling reaches the server', async () => {
  cancelled.length = 0;
  const call = client.unary('/t.T/Never', Buffer.alloc(0), undefined, { onEnd() {} });
  await client.call('/t.T/Echo', Buffer.alloc(0));
  call.cancel();
  assert.equal(call.code, Status.CANCELLED);
  while (cancelled.length === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(cancelled[0], 'peer');
});

test('gzip goes both ways', async () => {
  const message = Buffer.alloc(100_000, 'z');
  assert.deepEqual(await client.call('/t.T/Echo', message, { encoding: 'gzip' }), message);
});

test('no stream is left when all is done', () => {
  assert.equal(server.counters.streams, 0);
  assert.equal(client.counters.streams, 0);
});
