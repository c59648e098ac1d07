// What may become of a reservation, and what each change does to the stock, for one piece.
// held -> committed, released or expired; committed -> released (an order that is called off); nothing leaves the other two.

import { failedPrecondition } from '#kit';
import type { ReservationsRow } from '../gen/tables.ts';

/** What became of a reservation. */
export type ReservationStatus = ReservationsRow['state'];

type Held = Pick<ReservationsRow, 'reservationId' | 'state' | 'expireTime'>;

/** A change of a reservation, and what it adds to what is available and to what is reserved, for each piece. */
export interface ReservationChange {
  readonly state: ReservationStatus;
  readonly available: 0 | 1 | -1;
  readonly reserved: 0 | 1 | -1;
}

/** What becomes of a reservation at a time; undefined: nothing. */
export type Decision = (reservation: ReservationsRow, now: Date) => ReservationChange | undefined;

/** How a reservation begins. */
export const hold = { state: 'HELD', available: -1, reserved: 1 } as const satisfies ReservationChange;

/** Releasing: pieces come back, whether they were held or had left. Undefined: nothing changes. */
export function release({ state }: Pick<ReservationsRow, 'state'>): ReservationChange | undefined {
  if (state === 'HELD') return { state: 'RELEASED', available: 1, reserved: -1 };
  if (state === 'COMMITTED') return { state: 'RELEASED', available: 1, reserved: 0 };
  return undefined;
}

/** Expiring: held pieces come back. Undefined: nothing changes. */
export function expire({ state }: Pick<ReservationsRow, 'state'>): ReservationChange | undefined {
  return state === 'HELD' ? { state: 'EXPIRED', available: 1, reserved: -1 } : undefined;
}

/**
 * Committing: held pieces leave. Undefined: they have left already.
 *
 * @throws RpcError FAILED_PRECONDITION when they were given back, or their time has run out
 */
export function commit({ reservationId: id, state, expireTime }: Held, now: Date): ReservationChange | undefined {
  if (state === 'COMMITTED') return undefined;
  const description = 'the pieces are no longer set aside; reserve them again';
  if (state === 'RELEASED') throw failedPrecondition('RESERVATION_RELEASED', id, description);
  if (state === 'EXPIRED' || expireTime <= now) throw failedPrecondition('RESERVATION_EXPIRED', id, description);
  return { state: 'COMMITTED', available: 0, reserved: -1 };
}
