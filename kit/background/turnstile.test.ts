import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Turnstile } from './turnstile.ts';

const never = new AbortController().signal;
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Work that ends when it is told to. */
function work() {
  const { promise, resolve } = Promise.withResolvers<void>();
  let started = false;
  const run = () => {
    started = true;
    return promise;
  };
  return { run, end: resolve, started: () => started };
}

test('no more than two run at once, and the rest follow in their order', async () => {
  const queue = new Turnstile({ atOnce: 2, waiting: 100 });
  let running = 0;
  let most = 0;
  const order: number[] = [];
  const all = Array.from({ length: 50 }, (_, index) =>
    queue.run(async () => {
      order.push(index);
      most = Math.max(most, ++running);
      await settled();
      running--;
    }, never),
  );
  await Promise.all(all);
  assert.equal(most, 2);
  assert.deepEqual(
    order,
    Array.from({ length: 50 }, (_, index) => index),
  );
});

test('whoever gives up in line never runs, and the next one does', async () => {
  const queue = new Turnstile({ atOnce: 1, waiting: 9 });
  const [first, second, third] = [work(), work(), work()];
  const giveUp = new AbortController();
  const running = queue.run(first.run, never);
  const waiting = queue.run(second.run, giveUp.signal);
  const last = queue.run(third.run, never);
  giveUp.abort(new Error('gone'));
  await assert.rejects(waiting, /gone/);
  first.end();
  third.end();
  await Promise.all([running, last]);
  assert.deepEqual([first.started(), second.started(), third.started()], [true, false, true]);
});

test('a full line turns newcomers away until there is room', async () => {
  const queue = new Turnstile({ atOnce: 1, waiting: 1 });
  const [first, second] = [work(), work()];
  const running = [queue.run(first.run, never), queue.run(second.run, never)];
  await assert.rejects(
    queue.run(async () => {}, never),
    { code: 'RESOURCE_EXHAUSTED' },
  );
  first.end();
  second.end();
  await Promise.all(running);
  assert.equal(await queue.run(async () => 'room', never), 'room');
});

test('work that fails gives its place back', async () => {
  const queue = new Turnstile({ atOnce: 1, waiting: 9 });
  await assert.rejects(
    queue.run(() => Promise.reject(new Error('broken')), never),
    /broken/,
  );
  assert.equal(await queue.run(async () => 'next', never), 'next');
});
