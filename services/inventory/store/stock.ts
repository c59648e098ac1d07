// Stock levels in the database. Rows are locked in the order of their ids, so that no two orders wait for each other.
// Every change counts `version` up: a reader tells an older level from a newer one.
import { type Kysely, type Selectable, sql } from 'kysely';
import type { StockLevel } from '#proto/fairlead/inventory/v1/stock.ts';
import type { Pieces } from '../domain/pieces.ts';
import type { InventoryTables, StockTable } from '../tables.ts';

/** A level's row. */
export type StockRow = Selectable<StockTable>;

/** The level as the contract has it. */
export function toLevel(row: StockRow): StockLevel {
  return {
    productId: row.product_id,
    available: row.available,
    reserved: row.reserved,
    version: row.version,
    updateTime: row.update_time,
  };
}

export function readStock(db: Kysely<InventoryTables>, productIds: readonly string[]) {
  return db.selectFrom('stock').selectAll().where('product_id', '=', sql<string>`any(${productIds}::uuid[])`).execute();
}

/** As {@link readStock}; nobody else changes these levels until the transaction ends. */
export function lockStock(db: Kysely<InventoryTables>, productIds: readonly string[]) {
  return db
    .selectFrom('stock')
    .selectAll()
    .where('product_id', '=', sql<string>`any(${productIds}::uuid[])`)
    .orderBy('product_id')
    .forUpdate()
    .execute();
}

/** Whether no level is known yet. */
export async function isStockEmpty(db: Kysely<InventoryTables>): Promise<boolean> {
  return (await db.selectFrom('stock').select('product_id').limit(1).executeTakeFirst()) === undefined;
}

/** Moves pieces of levels that are locked: `available` and `reserved` say what each piece adds to them. */
export async function movePieces(
  db: Kysely<InventoryTables>,
  items: readonly Pieces[],
  change: { readonly available: number; readonly reserved: number },
  now: Date,
): Promise<StockRow[]> {
  const { rows } = await sql<StockRow>`
    update stock
    set available = available + quantity * ${change.available}::integer,
        reserved = reserved + quantity * ${change.reserved}::integer,
        version = version + 1, update_time = ${now}
    from unnest(${items.map(({ productId }) => productId)}::uuid[],
                ${items.map(({ quantity }) => quantity)}::integer[]) as item (item_id, quantity)
    where product_id = item_id
    returning stock.*`.execute(db);
  return rows;
}

/** Sets what is available, and adds products that were not known. @returns the levels that are different now */
export async function setAvailable(
  db: Kysely<InventoryTables>,
  counts: readonly { readonly productId: string; readonly available: number }[],
  now: Date,
): Promise<StockRow[]> {
  const { rows } = await sql<StockRow>`
    insert into stock as known (product_id, available, reserved, version, update_time)
    select product_id, available, 0, 1, ${now}::timestamptz
    from unnest(${counts.map(({ productId }) => productId)}::uuid[],
                ${counts.map(({ available }) => available)}::bigint[]) as count (product_id, available)
    order by product_id
    on conflict (product_id) do update
    set available = excluded.available, version = known.version + 1, update_time = excluded.update_time
    where known.available <> excluded.available
    returning known.*`.execute(db);
  return rows;
}
