// Stock levels; a row is the contract's level. Rows are locked in the order of their ids, so that no two orders wait for each
// other. Every change counts `version` up: a reader tells an older level from a newer one.
import { type Kysely, sql } from 'kysely';
import { inOrder, type UnitOfWork } from '#kit';
import type { StockChange } from '#proto/fairlead/inventory/v1/stock_event.ts';
import type { ReservationChange } from '../domain/reservation-change.ts';
import type { InventoryTables, ReservationsRow, StockRow } from '../gen/tables.ts';
import type manifest from '../manifest.ts';

type Db = Kysely<InventoryTables>;
type Unit = UnitOfWork<typeof manifest>;

/** Topic of the hint to watchers. */
export const stockTopic = 'stock';

/** Query of the levels of these products. */
export function levelsOf(db: Db, productIds: readonly string[]) {
  const all = db.selectFrom('stock').selectAll().orderBy('productId');
  return all.where('productId', '=', sql<string>`any(${productIds}::uuid[])`);
}

/** The levels in the order of the ids, and the ids without one. */
export async function readStock(db: Db, productIds: readonly string[]) {
  return inOrder(productIds, await levelsOf(db, productIds).execute(), ({ productId }) => productId);
}

/** Whether no level is known yet. */
export async function isStockEmpty(db: Db): Promise<boolean> {
  return (await db.selectFrom('stock').select('productId').limit(1).executeTakeFirst()) === undefined;
}

/** Moves the pieces of a reservation, whose levels are locked. */
export async function move(unit: Unit, reservation: ReservationsRow, change: ReservationChange): Promise<void> {
  const { reservationId, items } = reservation;
  const { state, available, reserved } = change;
  const { rows } = await sql<StockRow>`
    update stock
    set available = available + quantity * ${available}::integer, reserved = reserved + quantity * ${reserved}::integer,
        version = version + 1, update_time = ${unit.clock.now()}
    from unnest(${items.map(({ productId }) => productId)}::uuid[],
                ${items.map(({ quantity }) => quantity)}::integer[]) as item (item_id, quantity)
    where product_id = item_id returning stock.*`.execute(unit.db);
  await tell(unit, rows, `STOCK_CHANGE_${state === 'HELD' ? 'RESERVED' : state}`, reservationId);
}

/** What was counted of a product. */
type Count = Pick<StockRow, 'productId' | 'available'>;

/** Sets what is available, and adds products that were not known. @returns the levels that are different now */
export async function setAvailable({ db, clock }: Unit, counts: readonly Count[]): Promise<StockRow[]> {
  const { rows } = await sql<StockRow>`
    insert into stock as known (product_id, available, reserved, version, update_time)
    select product_id, available, 0, 1, ${clock.now()}::timestamptz
    from unnest(${counts.map(({ productId }) => productId)}::uuid[],
                ${counts.map(({ available }) => available)}::bigint[]) as count (product_id, available)
    order by product_id
    on conflict (product_id) do update
    set available = excluded.available, version = known.version + 1, update_time = excluded.update_time
    where known.available <> excluded.available returning known.*`.execute(db);
  return rows;
}

/** Tells of levels that changed: an event a product for other services, one hint for those who watch. */
export async function tell(unit: Unit, levels: readonly StockRow[], change: StockChange, reservationId = '') {
  for (const level of levels) {
    const payload = { level, change, reservationId, eventTime: level.updateTime };
    await unit.publish({ type: 'fairlead.inventory.v1.StockEvent', key: level.productId, payload });
  }
  if (levels.length > 0) await unit.changed(stockTopic);
}
