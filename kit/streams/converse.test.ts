// Conversations: requests in turn, responses from anywhere, and an orderly end each way.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RpcError } from '../errors/rpc-error.ts';
import { converse, type Outlet } from './converse.ts';

const { signal } = new AbortController();

async function* requests(...all: readonly string[]): AsyncGenerator<string> {
  yield* all;
}

function open(
  log: string[],
): (outlet: Outlet<string>) => { act(request: string): Promise<void>; end(): Promise<void> } {
  return (outlet) => ({
    async act(request) {
      if (request === 'break') throw new Error('broken');
      outlet.send(request.toUpperCase());
    },
    async end() {
      log.push('ended');
    },
  });
}

test('answers requests in their order and ends with them', async () => {
  const log: string[] = [];
  const abort = () => assert.fail('aborted');
  assert.deepEqual(await Array.fromAsync(converse(requests('a', 'b'), { signal, abort }, 10, open(log))), ['A', 'B']);
  assert.deepEqual(log, ['ended']);
});

test('an error ends the call after what was answered before it', async () => {
  const log: string[] = [];
  const answers = converse(requests('a', 'break', 'b'), { signal, abort: () => {} }, 10, open(log));
  assert.equal((await answers.next()).value, 'A');
  await assert.rejects(answers.next(), /broken/);
  assert.deepEqual(log, ['ended']);
});

test('a caller that leaves ends the conversation', async () => {
  const log: string[] = [];
  for await (const _ of converse(requests('a', 'b'), { signal, abort: () => {} }, 10, open(log))) break;
  assert.deepEqual(log, ['ended']);
});

test('a caller that does not read is cut off', async () => {
  const aborted = Promise.withResolvers<RpcError>();
  const answers = converse(requests('a', 'b', 'c', 'd'), { signal, abort: aborted.resolve }, 2, open([]));
  await answers.next();
  const error = await aborted.promise;
  assert.deepEqual([error.code, error.details.reason], ['RESOURCE_EXHAUSTED', 'SLOW_READER']);
  await answers.return();
});

test('a refusal is answered where the conversation answers it, and any other error ends the call', async () => {
  const answers: string[] = [];
  const talk = converse(
    requests('no', 'yes', 'break', 'never'),
    { signal, abort: () => {} },
    8,
    (outlet: Outlet<string>) => ({
      async act(request: string) {
        if (request === 'no') throw new RpcError('NOT_FOUND', 'not here');
        if (request === 'break') throw new Error('broken');
        outlet.send(request);
      },
      refused: (request, error) => outlet.send(`${request}: ${error.code}`),
      async end() {},
    }),
  );
  await assert.rejects(async () => {
    for await (const answer of talk) answers.push(answer);
  }, /broken/);
  assert.deepEqual(answers, ['no: NOT_FOUND', 'yes']);
});
