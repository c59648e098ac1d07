// The bounded queue: order, ends, errors, and what happens to whoever reads too slowly.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventQueue } from './event-queue.ts';

const unbounded = (): EventQueue<number> => new EventQueue(100, () => assert.fail('overflowed'));

test('events are read in their order, also those that come while the reader waits', async () => {
  const queue = unbounded();
  const read = Array.fromAsync(queue);
  queue.push(1);
  await Promise.resolve();
  queue.push(2);
  queue.push(3);
  queue.end();
  queue.push(4);
  assert.deepEqual(await read, [1, 2, 3]);
});

test('an error comes after the events that were there before it', async () => {
  const queue = unbounded();
  queue.push(1);
  queue.end(new Error('lost'));
  const reader = queue[Symbol.asyncIterator]();
  assert.equal((await reader.next()).value, 1);
  await assert.rejects(reader.next(), /lost/);
});

test('one event too many empties the queue and is told of once', async () => {
  let overflows = 0;
  const queue = new EventQueue<number>(2, () => overflows++);
  for (let n = 0; n < 5; n++) queue.push(n);
  assert.equal(overflows, 1);
  assert.deepEqual(await Array.fromAsync(queue), []);
});
