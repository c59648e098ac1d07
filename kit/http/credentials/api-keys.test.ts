import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../clock/manual-clock.ts';
import { RpcError } from '../../errors/rpc-error.ts';
import { createApiKeys } from './api-keys.ts';

const key = 'fk_0123456789abcdef';

function setUp(lifetimeMs = 300_000) {
  const clock = new ManualClock();
  const asked: string[] = [];
  let fail: RpcError | undefined;
  const apiKeys = createApiKeys({
    clock,
    exchange: async (given) => {
      asked.push(given);
      if (fail !== undefined) throw fail;
      return { accessToken: `token ${asked.length}`, expiresAt: new Date(clock.now().getTime() + lifetimeMs) };
    },
  });
  const failWith = (error: RpcError | undefined): void => {
    fail = error;
  };
  return { clock, asked, apiKeys, failWith };
}

test('an exchange is remembered for a minute, and a burst is one exchange', async () => {
  const { clock, asked, apiKeys } = setUp();
  const tokens = await Promise.all(Array.from({ length: 20 }, () => apiKeys.token(key)));
  assert.deepEqual(new Set(tokens), new Set(['token 1']));
  await clock.advance(60_000);
  assert.equal(await apiKeys.token(key), 'token 1');
  await clock.advance(1);
  assert.equal(await apiKeys.token(key), 'token 2');
  assert.equal(asked.length, 2);
});

test('a token is not used beyond its own life', async () => {
  const { clock, apiKeys } = setUp(10_000);
  await apiKeys.token(key);
  await clock.advance(10_000);
  assert.equal(await apiKeys.token(key), 'token 2');
});

test('a failure is not remembered', async () => {
  const { asked, apiKeys, failWith } = setUp();
  failWith(new RpcError('UNAVAILABLE', 'down'));
  await assert.rejects(apiKeys.token(key), /down/);
  failWith(undefined);
  assert.equal(await apiKeys.token(key), 'token 2');
  assert.equal(asked.length, 2);
});

test('what cannot be a key is not asked about', async () => {
  const { asked, apiKeys } = setUp();
  for (const bad of ['', 'short', 'x'.repeat(257), 'with spaces in between', 'ümlaut0123456789']) {
    await assert.rejects(apiKeys.token(bad), /not an API key/);
  }
  assert.equal(asked.length, 0);
});
