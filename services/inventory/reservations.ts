// How reservations are made and ended: rows are locked, the rules asked, stock moved and told of, in one transaction.
// A reservation is locked before its stock, and stock in the order of ids, so that nobody waits in a circle.
import { v7 } from 'uuid';
import { type Application, notFound, RpcError, type UnitOfWork } from '#kit';
import { addUp, obstacles, type Pieces } from './domain/pieces.ts';
import { expire, type ReservationChange } from './domain/reservation-change.ts';
import type manifest from './manifest.ts';
import { publishStock } from './publish-stock.ts';
import { lockReservation, overdueReservations, type ReservationRow } from './store/reservations.ts';
import { lockStock, movePieces } from './store/stock.ts';

type Unit = UnitOfWork<typeof manifest>;

/** Reservations that are expired in one go. */
const sweep = 100;

const ids = (items: readonly Pieces[]): string[] => items.map(({ productId }) => productId);

/** Refuses pieces of products that are unknown or too few. */
function refuse({ unknown, short }: ReturnType<typeof obstacles>): void {
  if (unknown.length > 0) throw notFound('product', ...unknown);
  if (short.length > 0) {
    throw new RpcError('FAILED_PRECONDITION', 'there is too little of what was asked for; order less of it', {
      reason: 'OUT_OF_STOCK',
      preconditionViolations: short.map(({ productId, quantity, available }) => ({
        type: 'OUT_OF_STOCK',
        subject: productId,
        description: `${quantity} asked for, ${available} available`,
      })),
    });
  }
}

/** Sets pieces aside, all of them or none. */
export async function reserve(
  unit: Unit,
  { orderId, items, expireTime }: { orderId: string; items: readonly Pieces[]; expireTime: Date },
  now: Date,
): Promise<ReservationRow> {
  const pieces = addUp(items);
  refuse(obstacles(await lockStock(unit.db, ids(pieces)), pieces));
  const reservation = await unit.db
    .insertInto('reservations')
    .values({
      reservation_id: v7(),
      order_id: orderId,
      items: JSON.stringify(pieces),
      state: 'HELD',
      create_time: now,
      expire_time: expireTime,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  await publishStock(unit, await movePieces(unit.db, pieces, { available: -1, reserved: 1 }, now), reservation);
  return reservation;
}

/** Applies to a reservation what `decide` makes of it; undefined leaves it as it is. NOT_FOUND when there is none. */
export async function change(
  application: Pick<Application<typeof manifest>, 'clock' | 'transaction'>,
  reservationId: string,
  decide: (reservation: ReservationRow) => ReservationChange | undefined,
): Promise<ReservationRow> {
  return application.transaction(async (unit) => {
    const reservation = await lockReservation(unit.db, reservationId);
    if (reservation === undefined) throw notFound('reservation', reservationId);
    const change = decide(reservation);
    if (change === undefined) return reservation;
    await lockStock(unit.db, ids(reservation.items));
    const changed = await unit.db
      .updateTable('reservations')
      .set({ state: change.state })
      .where('reservation_id', '=', reservationId)
      .returningAll()
      .executeTakeFirstOrThrow();
    await publishStock(unit, await movePieces(unit.db, reservation.items, change, application.clock.now()), changed);
    return changed;
  });
}

/** Gives back what was held too long. @returns true when there may be more */
export async function expireOverdue(application: Application<typeof manifest>): Promise<boolean> {
  const overdue = await overdueReservations(application.db, application.clock.now(), sweep);
  for (const id of overdue) await change(application, id, ({ state }) => expire(state));
  return overdue.length === sweep;
}
