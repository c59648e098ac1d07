import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import grpc from '@grpc/grpc-js';
import { forgetEndedCalls } from './grpc-js-active-calls.ts';

const asIs = (value: unknown): Buffer => value as Buffer;

/** What the channel relies on inside of grpc-js: this test is what tells of an upgrade that changed it. */
interface Inside {
  readonly child: {
    readonly underlyingCalls: readonly [
      { readonly call: { readonly child: { readonly transport: { readonly activeCalls: Iterable<object> } } } },
    ];
  };
}

type Call = ReturnType<grpc.Channel['createCall']>;

describe('calls of a connection of grpc-js', { timeout: 20_000 }, () => {
  const server = new grpc.Server();
  const waiting: grpc.sendUnaryData<Buffer>[] = [];
  let channel: grpc.Channel;

  before(async () => {
    server.register<Buffer, Buffer>(
      '/test.S/Answer',
      (_call: unknown, answer: grpc.sendUnaryData<Buffer>) => answer(null, Buffer.alloc(1)),
      asIs,
      asIs,
      'unary',
    );
    server.register<Buffer, Buffer>(
      '/test.S/Wait',
      (_call: unknown, answer: grpc.sendUnaryData<Buffer>) => waiting.push(answer),
      asIs,
      asIs,
      'unary',
    );
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      ),
    );
    channel = new grpc.Channel(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), {});
  });
  after(() => {
    channel.close();
    server.forceShutdown();
  });

  function start(method: string): { readonly call: Call; readonly status: Promise<number> } {
    const call = channel.createCall(`/test.S/${method}`, Date.now() + 10_000, null, null, null);
    const status = new Promise<number>((resolve) => {
      call.start(new grpc.Metadata(), {
        onReceiveMetadata() {},
        onReceiveMessage() {},
        onReceiveStatus({ code }) {
          forgetEndedCalls(call);
          resolve(code);
        },
      });
    });
    call.sendMessageWithContext({}, Buffer.alloc(0));
    call.halfClose();
    call.startRead();
    return { call, status };
  }

  function active(call: Call): object[] {
    const { activeCalls } = (call as unknown as Inside).child.underlyingCalls[0].call.child.transport;
    assert.ok(!(activeCalls instanceof Set), 'the Set of grpc-js is still there');
    return [...activeCalls];
  }

  async function waitForCalls(count: number): Promise<void> {
    for (let tries = 0; waiting.length < count && tries < 500; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.equal(waiting.length, count);
  }

  it('are held while they last, those that ran before the change too, and then no longer', async () => {
    const long = [start('Wait'), start('Wait'), start('Wait')];
    await waitForCalls(3);
    const short = start('Answer');
    assert.equal(await short.status, grpc.status.OK);
    assert.equal(active(short.call).length, 3);
    for (const answer of waiting.splice(0).reverse()) answer(null, Buffer.alloc(1));
    assert.deepEqual(await Promise.all(long.map(({ status }) => status)), [0, 0, 0]);
    assert.equal(active(short.call).length, 0);
  });

  it('end, all of them, when the connection is lost', async () => {
    const calls = [start('Wait'), start('Wait'), start('Answer'), start('Wait')];
    assert.equal(await calls[2]?.status, grpc.status.OK);
    await waitForCalls(3);
    server.forceShutdown();
    const codes = await Promise.all(calls.map(({ status }) => status));
    assert.ok(
      [0, 1, 3].every((index) => codes[index] === grpc.status.UNAVAILABLE || codes[index] === grpc.status.CANCELLED),
      String(codes),
    );
  });

  it('are left alone where grpc-js looks otherwise inside', () => {
    forgetEndedCalls({});
    forgetEndedCalls({ child: { underlyingCalls: [{ call: { child: { transport: {} } } }] } });
  });
});
