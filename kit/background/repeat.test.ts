// Background loops: they rest, hurry when there is more to do, survive errors, and end with the process.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../clock/clock.ts';
import { quietLog } from '../testing/quiet-log.ts';
import { repeat } from './repeat.ts';

/** Runs the rounds' results in order, then aborts; returns how long each rest was. */
async function rests(rounds: readonly (boolean | Error)[]): Promise<{ slept: number[]; errors: number }> {
  const stop = new AbortController();
  const slept: number[] = [];
  const log = quietLog();
  const clock: Clock = {
    now: () => new Date(0),
    sleep: async (ms) => {
      slept.push(ms);
    },
  };
  const left = [...rounds];
  await repeat({ clock, log, signal: stop.signal }, { name: 'test work', every: '3s' }, async () => {
    const round = left.shift();
    if (left.length === 0) stop.abort();
    if (round instanceof Error) throw round;
    return round;
  });
  return { slept, errors: log.lines.filter((line) => line.level === 'error').length };
}

test('rests between rounds', async () => {
  assert.deepEqual((await rests([false, false])).slept, [3000, 3000]);
});

test('does not rest while there is more to do', async () => {
  assert.deepEqual((await rests([true, true, false])).slept, [3000]);
});

test('goes on after an error, and says so', async () => {
  assert.deepEqual(await rests([new Error('lost'), false]), { slept: [3000, 3000], errors: 1 });
});

test('does nothing in a process that drains already', async () => {
  const application = {
    clock: { now: () => new Date(0), sleep: async () => {} },
    log: quietLog(),
    signal: AbortSignal.abort(),
  };
  await repeat(application, { name: 'test work', every: '1s' }, () => assert.fail('worked'));
});
