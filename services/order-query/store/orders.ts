// Queries on the read model. Orders go in and out as the contract's messages, kept as protobuf JSON.
import type { Kysely, Transaction } from 'kysely';
import { codecOf } from '#kit';
import type { Order, OrderStatus } from '#proto/fairlead/order/v1/order.ts';
import type { OrderMilestone } from '#proto/fairlead/orderquery/v1/order_query_service.ts';
import type { OrderQueryTables } from '../tables.ts';

/** An order as it was with one of its events. */
export interface OrderState {
  readonly order: Order;
  readonly milestone: OrderMilestone;
}

type Db = Kysely<OrderQueryTables>;

const orders = codecOf('fairlead.order.v1.Order');
const milestones = codecOf('fairlead.orderquery.v1.OrderMilestone');

function toState(row: { readonly order_json: object; readonly milestone_json: object }): OrderState {
  return { order: orders.fromJson(row.order_json), milestone: milestones.fromJson(row.milestone_json) };
}

/** Adds what an order came to with an event. */
export async function addState(db: Transaction<OrderQueryTables>, { order, milestone }: OrderState): Promise<void> {
  const { orderId: order_id, userId: user_id, status, sequence } = order;
  await db
    .insertInto('orders')
    .values({ order_id, user_id, status, sequence })
    .onConflict((conflict) => conflict.column('order_id').doUpdateSet({ status, sequence }))
    .execute();
  const json = { order_json: orders.toJson(order), milestone_json: milestones.toJson(milestone) };
  await db
    .insertInto('order_states')
    .values({
      order_id,
      sequence,
      order_json: JSON.stringify(json.order_json),
      milestone_json: JSON.stringify(json.milestone_json),
    })
    .execute();
}

/** What the order came to after `sequence`, oldest first. */
export async function statesAfter(db: Db, orderId: string, sequence: number): Promise<OrderState[]> {
  const rows = await db
    .selectFrom('order_states')
    .selectAll()
    .where('order_id', '=', orderId)
    .where('sequence', '>', sequence)
    .orderBy('sequence')
    .execute();
  return rows.map(toState);
}

/** The order as it is now; undefined while nothing was heard of it. */
export async function latestState(db: Db, orderId: string): Promise<OrderState | undefined> {
  const row = await db
    .selectFrom('order_states')
    .selectAll()
    .where('order_id', '=', orderId)
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && toState(row);
}

/** A page of a user's orders, newest first. */
export async function listOrders(
  db: Db,
  filter: { readonly userId: string; readonly statuses: readonly OrderStatus[] },
  page: { readonly before: string | undefined; readonly limit: number },
): Promise<{ readonly orders: Order[]; readonly total: number }> {
  let wanted = db.selectFrom('orders').where('user_id', '=', filter.userId);
  if (filter.statuses.length > 0) wanted = wanted.where('status', 'in', filter.statuses);
  const { total } = await wanted.select(({ fn }) => fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
  const newest = page.before === undefined ? wanted : wanted.where('orders.order_id', '<', page.before);
  const rows = await newest
    .innerJoin('order_states', (join) =>
      join
        .onRef('order_states.order_id', '=', 'orders.order_id')
        .onRef('order_states.sequence', '=', 'orders.sequence'),
    )
    .select('order_states.order_json')
    .orderBy('orders.order_id', 'desc')
    .limit(page.limit)
    .execute();
  return { orders: rows.map((row) => orders.fromJson(row.order_json)), total };
}

/** Empties the read model. */
export async function clearOrders(db: Transaction<OrderQueryTables>): Promise<void> {
  await db.deleteFrom('order_states').execute();
  await db.deleteFrom('orders').execute();
}
