// How much of a call's time is kept for its answer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { patienceMs } from './wait-in-time.ts';

test('a fifth is kept, and no more than half a second, where work takes little', () => {
  assert.equal(patienceMs(1_000, 20), 800);
  assert.equal(patienceMs(10_000, 20), 9_500);
});

test('where work takes long, as much is kept as it took, and no more than half', () => {
  assert.equal(patienceMs(9_000, 1_500), 7_500);
  assert.equal(patienceMs(4_000, 6_000), 2_000);
});

test('a call that is late waits for nothing', () => {
  assert.equal(patienceMs(0, 6_000), 0);
});

test('a clock that was set back changes nothing', () => {
  assert.equal(patienceMs(10_000, -3_600_000), 9_500);
});
