// How reservations are made and ended: rows are locked, the rules asked, stock moved and told of, in one transaction.
// A reservation is locked before its stock, and stock in the order of ids, so that nobody waits in a circle.
import { v7 } from 'uuid';
import { type Application, type Filled, json, recordsOf, type UnitOfWork } from '#kit';
import type { Reservation } from '#proto/fairlead/inventory/v1/stock.ts';
import { addUp, idsOf, refuse } from './domain/pieces.ts';
import { type Decision, expire, hold } from './domain/reservation-change.ts';
import type { ReservationsRow } from './gen/tables.ts';
import type manifest from './manifest.ts';
import { levelsOf, move } from './store/stock.ts';

type App = Pick<Application<typeof manifest>, 'clock' | 'db' | 'transaction'>;
type Wish = Pick<ReservationsRow, 'orderId' | 'expireTime' | 'items'>;

/** Reservations that are expired in one go. */
const sweep = 100;

export const reservations = recordsOf<typeof manifest>()('reservations', 'reservationId');

export function toReservation(row: ReservationsRow): { reservation: Filled<Reservation> } {
  return { reservation: { ...row, state: `RESERVATION_STATE_${row.state}` } };
}

/** Sets pieces aside, all of them or none. */
export async function reserve(unit: UnitOfWork<typeof manifest>, { orderId, expireTime, items }: Wish) {
  const pieces = addUp(items);
  refuse(await levelsOf(unit.db, idsOf(pieces)).forUpdate().execute(), pieces);
  const row = { reservationId: v7(), orderId, items: json(pieces), state: hold.state, expireTime };
  const reservation = await reservations.insert(unit.db, { ...row, createTime: unit.clock.now() });
  await move(unit, reservation, hold);
  return reservation;
}

/** Applies to a reservation what `decide` makes of it; undefined leaves it as it is. */
export async function change(app: App, id: string, decide: Decision): Promise<ReservationsRow> {
  return app.transaction(async (unit) => {
    const reservation = await reservations.lock(unit.db, id);
    const change = decide(reservation, unit.clock.now());
    if (change === undefined) return reservation;
    await levelsOf(unit.db, idsOf(reservation.items)).forUpdate().execute();
    await move(unit, reservation, change);
    return reservations.patch(unit.db, id, { state: change.state });
  });
}

/** Gives back what was held too long. @returns true when there may be more */
export async function expireOverdue(app: App): Promise<boolean> {
  const held = app.db.selectFrom('reservations').select('reservationId').where('state', '=', 'HELD');
  const overdue = await held.where('expireTime', '<=', app.clock.now()).orderBy('expireTime').limit(sweep).execute();
  for (const { reservationId } of overdue) await change(app, reservationId, expire);
  return overdue.length === sweep;
}
