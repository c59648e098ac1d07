// What was bought and what was bought together, in the database.
// An order counts once: its pairs are counted only with purchases that were new, and uncounted with those that were there.
import { type Kysely, sql } from 'kysely';
import { pairsOf } from '../domain/pairs.ts';
import type { Candidate } from '../domain/rank.ts';
import type { PurchasesTable, RecommendationTables } from '../gen/tables.ts';

type Db = Kysely<RecommendationTables>;

/** A window of time that ends now. */
export interface Window {
  readonly now: Date;
  readonly lengthMs: number;
}

async function countPairs(db: Db, productIds: readonly string[], step: 1 | -1): Promise<void> {
  const pairs = pairsOf(productIds);
  if (pairs.length === 0) return;
  await sql`
    insert into bought_together as known (product_id, other_product_id, order_count)
    select product_id, other_product_id, greatest(${step}::integer, 0)
    from unnest(${pairs.map((pair) => pair.productId)}::uuid[],
                ${pairs.map((pair) => pair.otherProductId)}::uuid[]) as pair (product_id, other_product_id)
    on conflict (product_id, other_product_id) do update
    set order_count = greatest(known.order_count + ${step}::integer, 0)`.execute(db);
}

/** Learns an order that was paid for. */
export async function addPurchases(db: Db, purchases: readonly PurchasesTable[]): Promise<void> {
  if (purchases.length === 0) return;
  const added = await db
    .insertInto('purchases')
    .values(purchases)
    .onConflict((conflict) => conflict.doNothing())
    .returning('productId')
    .execute();
  await countPairs(
    db,
    added.map(({ productId }) => productId),
    1,
  );
}

/** Forgets an order that came to nothing after it had been paid for. */
export async function removePurchases(db: Db, orderId: string): Promise<void> {
  const removed = await db.deleteFrom('purchases').where('orderId', '=', orderId).returning('productId').execute();
  await countPairs(
    db,
    removed.map(({ productId }) => productId),
    -1,
  );
}

/** Products that a user bought, newest first. */
export async function productsOf(db: Db, userId: string, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('purchases')
    .select('productId')
    .where('userId', '=', userId)
    .groupBy('productId')
    .orderBy((is) => is.fn.max('purchaseTime'), 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ productId }) => productId);
}

/** Products that others bought together with any of these, and the one that each goes with most often. */
export async function boughtTogether(db: Db, productIds: readonly string[], limit: number): Promise<Candidate[]> {
  if (productIds.length === 0) return [];
  const { rows } = await sql<Candidate & { becauseOf: string }>`
    select other_product_id as "productId", sum(order_count)::bigint as weight,
           (array_agg(product_id order by order_count desc, product_id))[1] as "becauseOf"
    from bought_together
    where product_id = any(${productIds}::uuid[]) and other_product_id <> all(${productIds}::uuid[]) and order_count > 0
    group by other_product_id
    order by weight desc, other_product_id
    limit ${limit}`.execute(db);
  return rows;
}

/** Products by pieces sold within the window; a piece weighs half as much with every quarter of the window. */
export async function trending(db: Db, { now, lengthMs }: Window, limit: number) {
  const since = new Date(now.getTime() - lengthMs);
  const halfLifeSeconds = lengthMs / 4_000;
  const { rows } = await sql<Candidate & { soldQuantity: number }>`
    select product_id as "productId", sum(quantity)::bigint as "soldQuantity",
           sum(quantity * 0.5 ^ (greatest(extract(epoch from ${now}::timestamptz - purchase_time), 0)
                                 / ${halfLifeSeconds}::float8))::float8 as weight
    from purchases
    where purchase_time > ${since}
    group by product_id
    order by weight desc, product_id
    limit ${limit}`.execute(db);
  return rows;
}

/** Forgets everything, before it is learnt anew from the event log. */
export async function forgetAll(db: Db): Promise<void> {
  await sql`truncate purchases, bought_together`.execute(db);
}
