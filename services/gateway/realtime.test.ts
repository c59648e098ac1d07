import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { RpcError } from '#kit/errors/rpc-error.ts';
import { startGateway, type TestGateway, userId } from './gateway.fixture.ts';

const roomId = 'orders/0190a0b0-0000-7000-8000-0000000000aa';

let gateway: TestGateway;
let ended = Promise.withResolvers<void>();

before(async () => {
  gateway = await startGateway({
    realtime: {
      async *chat(requests, context) {
        try {
          for await (const { actionId, join, say } of requests) {
            if (say?.text === 'flood') throw new RpcError('RESOURCE_EXHAUSTED', 'you read too slowly');
            if (say?.text === 'end') return;
            if (join !== undefined)
              yield { actionId, roomId, presence: { participants: [{ userId: context.user().id }] } };
            else yield { actionId, roomId, message: { text: say?.text ?? '', sequence: 7 } };
          }
        } finally {
          ended.resolve();
        }
      },
    },
  });
});
after(() => gateway.stop());

interface Options {
  readonly query?: string;
  readonly protocols?: string[];
  readonly headers?: Record<string, string>;
}

function dial({ query = '', protocols = [], headers = {} }: Options): WebSocket {
  return new WebSocket(`${gateway.url.replace('http', 'ws')}/api/v2/realtime${query}`, protocols, { headers });
}

async function opened(options: Options = {}): Promise<WebSocket> {
  const socket = dial((options.headers ?? options.query ?? options.protocols) ? options : { headers: await bearer() });
  await once(socket, 'open');
  return socket;
}

const bearer = async (): Promise<Record<string, string>> => ({ authorization: `Bearer ${await gateway.token()}` });

async function reply(socket: WebSocket, frame: unknown): Promise<Record<string, unknown>> {
  socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  const [data] = await once(socket, 'message');
  return JSON.parse(String(data));
}

async function closed(socket: WebSocket): Promise<string> {
  const [code, reason] = await once(socket, 'close');
  return `${code} ${reason}`;
}

test('frames go both ways as JSON, as the user of the token', async () => {
  const socket = await opened();
  assert.deepEqual(await reply(socket, { actionId: 'a1', join: { roomId } }), {
    actionId: 'a1',
    roomId,
    presence: { participants: [{ userId }] },
  });
  assert.deepEqual(await reply(socket, { action_id: 'a2', say: { room_id: roomId, text: 'hello' } }), {
    actionId: 'a2',
    roomId,
    message: { text: 'hello', sequence: '7' },
  });
  socket.close();
  assert.match(await closed(socket), /^1005/);
});

test('the token may come in the query or as a subprotocol, and is not sent back', async () => {
  const token = await gateway.token();
  const byQuery = await opened({ query: `?access_token=${token}` });
  byQuery.terminate();
  const byProtocol = await opened({ protocols: ['fairlead.v1', `bearer.${token}`] });
  assert.equal(byProtocol.protocol, 'fairlead.v1');
  byProtocol.terminate();
});

test('without a valid token the handshake is refused', async () => {
  for (const options of [{}, { query: '?access_token=x' }, { headers: { authorization: 'Bearer x' } }]) {
    const socket = dial(options);
    socket.on('error', () => {});
    const [, response] = await once(socket, 'unexpected-response');
    assert.equal(response.statusCode, 401);
    socket.terminate();
  }
});

test('a plain request to the path is told that it is a WebSocket', async () => {
  assert.equal((await gateway.send('GET', '/api/v2/realtime')).status, 404);
});

test('a frame that is no message of the contract ends the connection with 1007 and says why', async () => {
  for (const [frame, why] of [
    ['{', /not JSON/],
    [{ dance: {} }, /dance/],
    [{ say: { roomId, text: 5 } }, /say.text/],
    [{ actionId: 'x', join: { roomId: 'kitchen' } }, /room_id/],
    [Buffer.from('{}'), /text that holds JSON/],
  ] as const) {
    const socket = await opened();
    const end = closed(socket);
    const message = once(socket, 'message');
    socket.send(Buffer.isBuffer(frame) || typeof frame === 'string' ? frame : JSON.stringify(frame));
    const [data] = await message;
    const { error } = JSON.parse(String(data));
    assert.equal(error.status, 'INVALID_ARGUMENT');
    assert.match(error.message, why);
    assert.match(await end, /^1007 INVALID_ARGUMENT: /);
  }
});

test('a frame that is too big ends the connection with 1009', async () => {
  const socket = await opened();
  socket.send(JSON.stringify({ say: { roomId, text: 'x'.repeat(70_000) } }));
  assert.match(await closed(socket), /^1009/);
});

test("the service's status is the close code", async () => {
  const slow = await opened();
  slow.send(JSON.stringify({ say: { roomId, text: 'flood' } }));
  assert.equal(await closed(slow), '1013 RESOURCE_EXHAUSTED: you read too slowly');
  const done = await opened();
  done.send(JSON.stringify({ say: { roomId, text: 'end' } }));
  assert.match(await closed(done), /^1000/);
});

test('a client that is gone ends the call in the service', async () => {
  ended = Promise.withResolvers();
  const socket = await opened();
  await reply(socket, { actionId: 'a', join: { roomId } });
  socket.terminate();
  await ended.promise;
});

test('frames of a client that does not wait for answers all arrive, in order', async () => {
  const socket = await opened();
  const texts: unknown[] = [];
  const all = new Promise<void>((resolve) => {
    socket.on('message', (data) => {
      texts.push(JSON.parse(String(data)).message.text);
      if (texts.length === 500) resolve();
    });
  });
  for (let index = 0; index < 500; index += 1) socket.send(JSON.stringify({ say: { roomId, text: `${index}` } }));
  await all;
  assert.deepEqual(
    texts,
    Array.from({ length: 500 }, (_, index) => `${index}`),
  );
  socket.terminate();
});

test('a gateway that stops says that it is going away', async () => {
  const own = await startGateway({
    realtime: {
      async *chat(requests) {
        for await (const { actionId } of requests) yield { actionId };
      },
    },
  });
  const socket = new WebSocket(`${own.url.replace('http', 'ws')}/api/v2/realtime`, {
    headers: { authorization: `Bearer ${await own.token()}` },
  });
  await once(socket, 'open');
  await reply(socket, { actionId: 'a', join: { roomId } });
  const end = closed(socket);
  const stopped = own.stop();
  assert.match(await end, /^1001 /);
  await stopped;
});
