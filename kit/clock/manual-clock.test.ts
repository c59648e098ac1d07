import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from './manual-clock.ts';
import { systemClock } from './system-clock.ts';

test('time stands still until it is moved, and sleepers wake in the order of their times', async () => {
  const clock = new ManualClock();
  const start = clock.now().getTime();
  const woken: number[] = [];
  const sleepers = [300, 100, 200].map(async (ms) => {
    await clock.sleep(ms);
    woken.push(clock.now().getTime() - start);
  });
  assert.equal(clock.sleeping, 3);
  await clock.advance(250);
  assert.deepEqual(woken, [100, 200]);
  await clock.advance(50);
  await Promise.all(sleepers);
  assert.deepEqual(woken, [100, 200, 300]);
});

test('who sleeps anew within the time that passes is woken again', async () => {
  const clock = new ManualClock();
  let rounds = 0;
  void (async () => {
    for (;;) {
      await clock.sleep(10);
      rounds += 1;
    }
  })();
  await clock.advance(35);
  assert.equal(rounds, 3);
});

for (const [name, clock] of [
  ['a manual clock', new ManualClock()],
  ['the system clock', systemClock],
] as const) {
  test(`${name}: an aborted sleep rejects with the signal's reason`, async () => {
    const controller = new AbortController();
    const reason = new Error('drain');
    const sleep = clock.sleep(60_000, controller.signal);
    controller.abort(reason);
    await assert.rejects(sleep, reason);
    await assert.rejects(clock.sleep(60_000, controller.signal), reason);
  });
}
