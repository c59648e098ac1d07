import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as check, constantFrom, property } from 'fast-check';
import { commit, expire, type ReservationStatus, release } from './reservation-change.ts';

const now = new Date('2030-01-01T00:00:00Z');
const later = new Date('2030-01-01T00:15:00Z');

test('what is held is committed until its time runs out, and not after it was given back', () => {
  assert.deepEqual(commit({ state: 'HELD', expire_time: later }, now), {
    state: 'COMMITTED',
    available: 0,
    reserved: -1,
  });
  assert.equal(commit({ state: 'HELD', expire_time: now }, now), 'RESERVATION_EXPIRED');
  assert.equal(commit({ state: 'EXPIRED', expire_time: later }, now), 'RESERVATION_EXPIRED');
  assert.equal(commit({ state: 'RELEASED', expire_time: later }, now), 'RESERVATION_RELEASED');
  assert.equal(commit({ state: 'COMMITTED', expire_time: now }, later), undefined);
});

test('after any sequence of changes each piece is available, reserved or gone, and never two of them', () => {
  const steps = array(constantFrom('commit', 'release', 'expire'), { maxLength: 8 });
  check(
    property(steps, (list) => {
      let state: ReservationStatus = 'HELD';
      let [available, reserved] = [9, 1];
      for (const step of list) {
        const change: ReturnType<typeof commit> =
          step === 'commit'
            ? commit({ state, expire_time: later }, now)
            : step === 'release'
              ? release(state)
              : expire(state);
        if (change === undefined || typeof change === 'string') continue;
        state = change.state;
        available += change.available;
        reserved += change.reserved;
        assert.equal(reserved, state === 'HELD' ? 1 : 0);
        assert.equal(available, state === 'COMMITTED' ? 9 : 10);
      }
    }),
  );
});
