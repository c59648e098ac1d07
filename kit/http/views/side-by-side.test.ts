import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RpcError } from '../../errors/rpc-error.ts';
import { createLogger } from '../../telemetry/logger.ts';
import { sideBySide } from './side-by-side.ts';

const log = createLogger({ level: 'silent' });
const fail = (code: 'UNAVAILABLE' | 'NOT_FOUND') => async (): Promise<number> => {
  throw new RpcError(code, code);
};

test('parts run at the same time', async () => {
  const both = Promise.withResolvers<void>();
  let running = 0;
  const part = async (): Promise<number> => {
    running += 1;
    if (running === 2) both.resolve();
    await both.promise;
    return running;
  };
  assert.deepEqual(await sideBySide({ a: part, b: part }, { log }), { a: 2, b: 2, partial: [] });
});

test('a part that fails is left out and named, also an essential one that is down', async () => {
  const parts = { user: fail('UNAVAILABLE'), orders: async () => [1], notes: fail('NOT_FOUND') };
  assert.deepEqual(await sideBySide(parts, { log, essential: ['user'] }), { orders: [1], partial: ['user', 'notes'] });
});

test('an essential part that refuses is the answer', async () => {
  const parts = { user: fail('NOT_FOUND'), orders: async () => [1] };
  await assert.rejects(sideBySide(parts, { log, essential: ['user'] }), /NOT_FOUND/);
});
