// What may become of a reservation, and what each change does to the stock, for one piece.
// held -> committed, released or expired; committed -> released (an order that is called off); nothing leaves the other two.

/** What became of a reservation. */
export type ReservationStatus = 'HELD' | 'COMMITTED' | 'RELEASED' | 'EXPIRED';

/** A change of a reservation and of the stock behind it. */
export interface ReservationChange {
  readonly state: ReservationStatus;
  /** Added to what is available, for each piece. */
  readonly available: 0 | 1;
  /** Added to what is reserved, for each piece. */
  readonly reserved: 0 | -1;
}

/** Why pieces cannot be committed. */
export type Refusal = 'RESERVATION_EXPIRED' | 'RESERVATION_RELEASED';

/** Releasing: pieces come back, whether they were held or had left. Undefined: nothing changes. */
export function release(state: ReservationStatus): ReservationChange | undefined {
  if (state === 'HELD') return { state: 'RELEASED', available: 1, reserved: -1 };
  if (state === 'COMMITTED') return { state: 'RELEASED', available: 1, reserved: 0 };
  return undefined;
}

/** Expiring: held pieces come back. Undefined: nothing changes. */
export function expire(state: ReservationStatus): ReservationChange | undefined {
  return state === 'HELD' ? { state: 'EXPIRED', available: 1, reserved: -1 } : undefined;
}

/** Committing: held pieces leave, unless their time has run out. Undefined: they have left already. */
export function commit(
  { state, expire_time }: { readonly state: ReservationStatus; readonly expire_time: Date },
  now: Date,
): ReservationChange | Refusal | undefined {
  if (state === 'COMMITTED') return undefined;
  if (state === 'RELEASED') return 'RESERVATION_RELEASED';
  if (state === 'EXPIRED' || expire_time <= now) return 'RESERVATION_EXPIRED';
  return { state: 'COMMITTED', available: 0, reserved: -1 };
}
