import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as check, constantFrom, property } from 'fast-check';
import { RpcError } from '#kit';
import { commit, expire, type ReservationStatus, release } from './reservation-change.ts';

const now = new Date('2030-01-01T00:00:00Z');
const later = new Date('2030-01-01T00:15:00Z');

const reservation = (state: ReservationStatus, expireTime: Date) => ({ reservationId: 'r', state, expireTime });
const refused = (reason: string) => (error: unknown) => RpcError.is(error) && error.details.reason === reason;

/** Committing in time, as far as that is possible. */
function committing(state: ReservationStatus): ReturnType<typeof commit> {
  try {
    return commit(reservation(state, later), now);
  } catch (error) {
    assert.ok(RpcError.is(error, 'FAILED_PRECONDITION'));
    return undefined;
  }
}

test('what is held is committed until its time runs out, and not after it was given back', () => {
  const committed = { state: 'COMMITTED', available: 0, reserved: -1 };
  assert.deepEqual(commit(reservation('HELD', later), now), committed);
  assert.throws(() => commit(reservation('HELD', now), now), refused('RESERVATION_EXPIRED'));
  assert.throws(() => commit(reservation('EXPIRED', later), now), refused('RESERVATION_EXPIRED'));
  assert.throws(() => commit(reservation('RELEASED', later), now), refused('RESERVATION_RELEASED'));
  assert.equal(commit(reservation('COMMITTED', now), later), undefined);
});

test('after any sequence of changes each piece is available, reserved or gone, and never two of them', () => {
  const steps = array(constantFrom('commit', 'release', 'expire'), { maxLength: 8 });
  check(
    property(steps, (list) => {
      let state: ReservationStatus = 'HELD';
      let [available, reserved] = [9, 1];
      for (const step of list) {
        const change: ReturnType<typeof commit> =
          step === 'commit' ? committing(state) : step === 'release' ? release({ state }) : expire({ state });
        if (change === undefined) continue;
        state = change.state;
        available += change.available;
        reserved += change.reserved;
        assert.equal(reserved, state === 'HELD' ? 1 : 0);
        assert.equal(available, state === 'COMMITTED' ? 9 : 10);
      }
    }),
  );
});
