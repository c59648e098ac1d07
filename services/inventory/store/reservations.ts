// Reservations in the database. Whoever changes one locks it first, so that it is released or committed, never both.
import type { Kysely, Selectable } from 'kysely';
import type { Reservation } from '#proto/fairlead/inventory/v1/stock.ts';
import type { InventoryTables, ReservationsTable } from '../tables.ts';

/** A reservation's row. */
export type ReservationRow = Selectable<ReservationsTable>;

/** The reservation as the contract has it. */
export function toReservation(row: ReservationRow): Reservation {
  return {
    reservationId: row.reservation_id,
    orderId: row.order_id,
    items: [...row.items],
    state: `RESERVATION_STATE_${row.state}`,
    expireTime: row.expire_time,
  };
}

export function readReservation(db: Kysely<InventoryTables>, id: string) {
  return db.selectFrom('reservations').selectAll().where('reservation_id', '=', id).executeTakeFirstOrThrow();
}

/** The reservation, which nobody else changes until the transaction ends. */
export function lockReservation(db: Kysely<InventoryTables>, id: string) {
  return db.selectFrom('reservations').selectAll().where('reservation_id', '=', id).forUpdate().executeTakeFirst();
}

/** Ids of held reservations whose time has run out, longest ago first. */
export async function overdueReservations(db: Kysely<InventoryTables>, now: Date, limit: number): Promise<string[]> {
  const held = db.selectFrom('reservations').select('reservation_id').where('state', '=', 'HELD');
  const rows = await held.where('expire_time', '<=', now).orderBy('expire_time').limit(limit).execute();
  return rows.map(({ reservation_id }) => reservation_id);
}
