// Reservations in the database. Whoever changes one locks it first, so that it is released or committed, never both.
import type { Kysely, Selectable } from 'kysely';
import type { Reservation } from '#proto/fairlead/inventory/v1/stock.ts';
import type { Pieces } from '../domain/pieces.ts';
import type { ReservationStatus } from '../domain/reservation-change.ts';
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

export function addReservation(
  db: Kysely<InventoryTables>,
  row: Omit<ReservationRow, 'items' | 'state'>,
  items: readonly Pieces[],
): Promise<ReservationRow> {
  return db
    .insertInto('reservations')
    .values({ ...row, items: JSON.stringify(items), state: 'HELD' })
    .returningAll()
    .executeTakeFirstOrThrow();
}

export function readReservation(db: Kysely<InventoryTables>, reservationId: string) {
  return db
    .selectFrom('reservations')
    .selectAll()
    .where('reservation_id', '=', reservationId)
    .executeTakeFirstOrThrow();
}

/** The reservation, which nobody else changes until the transaction ends. */
export function lockReservation(db: Kysely<InventoryTables>, reservationId: string) {
  return db
    .selectFrom('reservations')
    .selectAll()
    .where('reservation_id', '=', reservationId)
    .forUpdate()
    .executeTakeFirst();
}

export function setState(
  db: Kysely<InventoryTables>,
  reservationId: string,
  state: ReservationStatus,
): Promise<ReservationRow> {
  return db
    .updateTable('reservations')
    .set({ state })
    .where('reservation_id', '=', reservationId)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Ids of held reservations whose time has run out, longest ago first. */
export async function overdueReservations(
  db: Kysely<InventoryTables>,
  now: Date,
  limit: number,
): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('reservations')
    .select('reservation_id')
    .where('state', '=', 'HELD')
    .where('expire_time', '<=', now)
    .orderBy('expire_time')
    .limit(limit)
    .execute();
  return rows.map(({ reservation_id }) => reservation_id);
}
