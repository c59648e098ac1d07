// All four RPC kinds end to end over real sockets, and how calls end.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CallScope } from '../calls/call-scope.ts';
import { RpcError } from '../errors/rpc-error.ts';
import { headerBag } from '../telemetry/header-bag.ts';
import { type Echo, type EchoOptions, type Loose, startEcho } from './fixtures/echo-server.ts';

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

/** Runs something that must fail with an RpcError, and gives the error. */
async function refused(work: Promise<unknown>): Promise<RpcError> {
  const error = await work.then(
    () => assert.fail('the call succeeded'),
    (reason: unknown) => reason,
  );
  assert.ok(RpcError.is(error), String(error));
  return error;
}

for (const transport of ['grpc-js', 'fairlead'] as const) {
  const start = (options: EchoOptions): Promise<Echo> => startEcho({ ...options, transport });
  describe(`four kinds of calls on ${transport}`, { timeout: 30_000 }, () => {
    let echo: Echo;
    before(async () => {
      echo = await start({
        handlers: {
          say: async (request) => ({ echo: request, note: 'said' }),
          count: async function* ({ upto, padding }) {
            for (let number = 1; number <= upto; number++) yield { number, padding: Buffer.alloc(padding) };
          },
          sum: async (requests) => {
            let amount = 0;
            for await (const request of requests) amount += request.amount;
            return { echo: { amount } };
          },
          chat: async function* (requests) {
            for await (const request of requests) yield { note: request.text.toUpperCase() };
          },
        },
      });
    });
    after(() => echo.stop());

    it('answers a unary call with every field as it was sent', async () => {
      const request = {
        text: 'Grüße ✓',
        amount: -9_007_199_254_740_991,
        mood: 'MOOD_GLAD',
        at: new Date('2026-01-02T03:04:05.678Z'),
        items: [{ name: 'a', quantity: 3 }],
        counts: { x: -1, __proto__x: 2 },
        right: { name: 'r', quantity: 0 },
        maybe: 0,
        blob: Buffer.from([1, 2, 3]),
        numbers: [-1, 0, 1, 2_147_483_647, -2_147_483_648],
      };
      const { echo: back, note } = await echo.client.say(request);
      assert.equal(note, 'said');
      assert.deepEqual({ ...back, blob: Buffer.from(back.blob) }, { ...request, choice: 'right' });
    });

    it('gives defaults to what was not sent', async () => {
      const { echo: back } = await echo.client.say({});
      assert.deepEqual(back, {
        text: '',
        amount: 0,
        mood: 'MOOD_UNSPECIFIED',
        at: null,
        items: [],
        counts: {},
        blob: Buffer.alloc(0),
        numbers: [],
      });
    });

    it('streams responses in order', async () => {
      const numbers = await collect<Loose>(echo.client.count({ upto: 500 }));
      assert.deepEqual(
        numbers.map(({ number }) => number),
        Array.from({ length: 500 }, (_, index) => index + 1),
      );
    });

    it('streams requests from arrays and generators', async () => {
      assert.equal((await echo.client.sum([{ amount: 1 }, { amount: 2 }])).echo.amount, 3);
      async function* many(): AsyncGenerator<object> {
        for (let index = 0; index < 300; index++) yield { amount: index };
      }
      assert.equal((await echo.client.sum(many())).echo.amount, 44_850);
      assert.equal((await echo.client.sum([])).echo.amount, 0);
    });

    it('streams both ways at once', async () => {
      const next = Promise.withResolvers<void>();
      async function* questions(): AsyncGenerator<object> {
        yield { text: 'first' };
        await next.promise;
        yield { text: 'second' };
      }
      const answers = echo.client.chat(questions());
      assert.equal((await answers.next()).value.note, 'FIRST');
      next.resolve();
      assert.equal((await answers.next()).value.note, 'SECOND');
      assert.equal((await answers.next()).done, true);
    });

    it('compresses large messages both ways without changing them', async () => {
      const text = 'compress me '.repeat(20_000);
      assert.equal((await echo.client.say({ text })).echo.text, text);
      const [response] = await collect<Loose>(echo.client.count({ upto: 1, padding: 100_000 }));
      assert.equal(response.padding.length, 100_000);
    });

    it('says UNIMPLEMENTED for a method that is not there, without the handler of another', async () => {
      const error = await refused(echo.client.mine({}).catch((e: unknown) => Promise.reject(e)));
      assert.equal(error.code, 'UNAUTHENTICATED');
    });
  });

  describe(`how calls end on ${transport}`, { timeout: 30_000 }, () => {
    it('hides what went wrong inside, and logs it with the request id', async () => {
      const echo = await start({
        handlers: {
          say: async () => {
            throw new Error('the password is hunter2');
          },
        },
      });
      const error = await refused(echo.client.say({}));
      assert.equal(error.code, 'INTERNAL');
      assert.equal(error.message, 'internal error');
      const { requestId } = error.details;
      assert.match(requestId ?? '', /^[0-9a-f-]{36}$/);
      const line = echo.lines.find((text) => text.includes('the password is hunter2'));
      assert.ok(line?.includes(requestId ?? ''), echo.lines.join(''));
      await echo.stop();
    });

    it('carries typed details to the client', async () => {
      const details = {
        reason: 'OUT_OF_STOCK',
        domain: 'fairlead',
        metadata: { sku: 'A1' },
        fieldViolations: [{ field: 'items[0].quantity', description: 'too many', reason: 'int32.lte' }],
        preconditionViolations: [{ type: 'STOCK', subject: 'A1', description: 'gone' }],
        retryDelayMs: 1500,
      };
      const echo = await start({
        handlers: {
          say: async () => {
            throw new RpcError('FAILED_PRECONDITION', 'Nichts mehr da ✗', details);
          },
        },
      });
      const error = await refused(echo.client.say({}));
      assert.equal(error.code, 'FAILED_PRECONDITION');
      assert.equal(error.message, 'Nichts mehr da ✗');
      const { requestId, ...rest } = error.details;
      assert.deepEqual(rest, details);
      assert.ok(requestId);
      await echo.stop();
    });

    it('ends a call that outlives its deadline on both sides', async () => {
      let ended = Promise.withResolvers<unknown>();
      const echo = await start({
        handlers: {
          say: (_request, { scope }) =>
            new Promise((_resolve, reject) => {
              scope.signal.addEventListener('abort', () => {
                ended.resolve(scope.signal.reason);
                reject(scope.signal.reason);
              });
            }),
        },
      });
      // Connected first, so that the call reaches the server before it is late.
      await refused(echo.client.mine({}));
      let reason = '';
      // On a starved machine a call reaches the server so late that the caller's reset is there long before the server's deadline.
      for (let tries = 0; tries < 5 && reason !== 'DEADLINE_EXCEEDED'; tries++) {
        ended = Promise.withResolvers();
        const error = await refused(echo.client.say({}, { timeout: '300ms' }));
        assert.equal(error.code, 'DEADLINE_EXCEEDED');
        reason = ((await ended.promise) as RpcError).code;
      }
      assert.equal(reason, 'DEADLINE_EXCEEDED');
      await echo.stop();
    });

    it('ends a call at the longest time that the server allows', async () => {
      const echo = await start({
        handlers: { sum: (requests) => collect(requests) },
        methodLimits: { Sum: { maxDuration: '80ms' } },
      });
      async function* forever(): AsyncGenerator<object> {
        yield { amount: 1 };
        await new Promise(() => {});
      }
      const error = await refused(echo.client.sum(forever()));
      assert.equal(error.code, 'DEADLINE_EXCEEDED');
      assert.equal(error.details.reason, 'SERVER_DEADLINE');
      await echo.stop();
    });

    it("tells the handler when the caller cancels, and ends the handler's generator", async () => {
      const closed = Promise.withResolvers<string>();
      const echo = await start({
        handlers: {
          count: async function* (_request, { scope }) {
            try {
              for (let number = 0; ; number++) yield { number };
            } finally {
              closed.resolve(scope.reason?.code ?? 'none');
            }
          },
        },
      });
      for await (const { number } of echo.client.count({})) if (number === 3) break;
      assert.equal(await closed.promise, 'CANCELLED');
      await echo.stop();
    });

    it('cancels what a call called when the call itself ends', async () => {
      const [entered, cancelled] = [Promise.withResolvers<void>(), Promise.withResolvers<string>()];
      const echo = await start({
        handlers: {
          say: (_request, { scope }) =>
            new Promise((resolve) => {
              entered.resolve();
              scope.signal.addEventListener('abort', () => {
                cancelled.resolve((scope.reason as RpcError).code);
                resolve({});
              });
            }),
        },
      });
      const scope = new CallScope(Number.POSITIVE_INFINITY, headerBag(), undefined);
      const call = refused(echo.within(scope).say({}));
      await entered.promise;
      scope.cancel(new RpcError('CANCELLED', 'gone'));
      assert.equal((await call).message, 'gone');
      assert.equal(await cancelled.promise, 'CANCELLED');
      await echo.stop();
    });

    it('hands deadline and caller down, the smaller deadline winning', async () => {
      const seen: { user?: string | undefined; left?: number } = {};
      const echo = await start({
        handlers: {
          say: async (_request, { scope }) => {
            seen.user = scope.headers?.get('x-user');
            seen.left = scope.deadline - Date.now();
            return {};
          },
        },
      });
      const headers = headerBag([['x-user', 'ada']]);
      await echo.within(new CallScope(Date.now() + 5_000, headers, undefined)).say({}, { timeout: '20s' });
      assert.equal(seen.user, 'ada');
      assert.ok((seen.left ?? 0) <= 5_000);
      const late = new CallScope(Date.now() - 1, headers, undefined);
      assert.equal((await refused(echo.within(late).say({}))).code, 'DEADLINE_EXCEEDED');
      await echo.stop();
    });

    it('lets a handler run no further ahead than its reader', async () => {
      let made = 0;
      const echo = await start({
        handlers: {
          count: async function* () {
            for (let number = 0; ; number++) {
              made = number;
              yield { number, padding: Buffer.alloc(16_000, number) };
            }
          },
        },
      });
      const responses = echo.client.count({});
      for (let read = 0; read < 5; read++) await responses.next();
      let before = -1;
      while (before !== made) {
        before = made;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      assert.ok(made < 1_000, `${made} messages were made for 5 that were read`);
      await responses.return();
      await echo.stop();
    });
  });
}
