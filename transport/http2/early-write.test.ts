// How many writes a batch of answers takes: both ends shall work at the same time, and no answer shall have a write of its own.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer as createNetServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { type Client, connect, createServer, type ServerCall } from '../index.ts';

const message = Buffer.from('m');

describe('answers that are made in one turn', { timeout: 20_000 }, () => {
  const server = createServer();
  const waiting: ServerCall[] = [];
  let arrived = (): void => {};
  let writes = 0;
  server.handle('/t.T/Wait', {
    requestStream: false,
    onMessage(call) {
      waiting.push(call);
      arrived();
    },
  });
  const listener = createNetServer((socket) => {
    const write = socket.write.bind(socket) as typeof socket.write;
    socket.write = ((...parameters: Parameters<typeof socket.write>) => {
      writes++;
      return write(...parameters);
    }) as typeof socket.write;
    server.serve(socket);
  });
  let client: Client;

  before(async () => {
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    client = connect({ target: `127.0.0.1:${(listener.address() as AddressInfo).port}`, maxConnections: 1 });
    await client.ready(5000);
  });
  after(() => {
    client.close();
    server.close();
    listener.close();
  });

  /** Answers so many calls at once; how many writes that took. */
  async function writesFor(calls: number): Promise<number> {
    const all = new Promise<void>((resolve) => {
      arrived = () => {
        if (waiting.length === calls) resolve();
      };
    });
    const ended = Array.from(
      { length: calls },
      () => new Promise((resolve) => client.unary('/t.T/Wait', message, undefined, { onEnd: resolve })),
    );
    await all;
    await new Promise((resolve) => setImmediate(resolve));
    writes = 0;
    for (const call of waiting.splice(0)) call.reply(message);
    await new Promise((resolve) => process.nextTick(resolve));
    const taken = writes;
    await Promise.all(ended);
    return taken;
  }

  it('share a write where they are few', async () => {
    assert.equal(await writesFor(7), 1);
  });

  it('leave eight by eight where these are a good part of what is open', async () => {
    assert.equal(await writesFor(32), 4);
  });

  it('leave a quarter at a time where many more are open', async () => {
    const taken = await writesFor(99);
    assert.ok(taken > 4 && taken < 14, `${taken} writes`);
  });
});
