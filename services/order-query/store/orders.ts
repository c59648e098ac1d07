// Queries on the read model. Orders go in and out as the contract's messages, kept as protobuf JSON.
import type { Kysely, Transaction } from 'kysely';
import { codecOf, json } from '#kit';
import type { Order, OrderStatus } from '#proto/fairlead/order/v1/order.ts';
import type { OrderMilestone } from '#proto/fairlead/orderquery/v1/order_query_service.ts';
import type { OrderQueryTables } from '../gen/tables.ts';

/** An order as it was with one of its events. */
export interface OrderState {
  readonly order: Order;
  readonly milestone: OrderMilestone;
}

type Db = Kysely<OrderQueryTables>;

const orders = codecOf('fairlead.order.v1.Order');
const milestones = codecOf('fairlead.orderquery.v1.OrderMilestone');

function toState(row: { readonly orderJson: object; readonly milestoneJson: object }): OrderState {
  return { order: orders.fromJson(row.orderJson), milestone: milestones.fromJson(row.milestoneJson) };
}

/** Adds what an order came to with an event. */
export async function addState(db: Transaction<OrderQueryTables>, { order, milestone }: OrderState): Promise<void> {
  const { orderId, userId, status, sequence } = order;
  await db
    .insertInto('orders')
    .values({ orderId, userId, status, sequence })
    .onConflict((conflict) => conflict.column('orderId').doUpdateSet({ status, sequence }))
    .execute();
  const orderJson = json(orders.toJson(order) as object);
  const milestoneJson = json(milestones.toJson(milestone) as object);
  await db.insertInto('orderStates').values({ orderId, sequence, orderJson, milestoneJson }).execute();
}

/** What the order came to after `sequence`, oldest first. */
export async function statesAfter(db: Db, orderId: string, sequence: number): Promise<OrderState[]> {
  const rows = await db
    .selectFrom('orderStates')
    .selectAll()
    .where('orderId', '=', orderId)
    .where('sequence', '>', sequence)
    .orderBy('sequence')
    .execute();
  return rows.map(toState);
}

/** The order as it is now; undefined while nothing was heard of it. */
export async function latestState(db: Db, orderId: string): Promise<OrderState | undefined> {
  const row = await db
    .selectFrom('orderStates')
    .selectAll()
    .where('orderId', '=', orderId)
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
  let wanted = db.selectFrom('orders').where('userId', '=', filter.userId);
  if (filter.statuses.length > 0) wanted = wanted.where('status', 'in', filter.statuses);
  const { total } = await wanted.select(({ fn }) => fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
  const newest = page.before === undefined ? wanted : wanted.where('orders.orderId', '<', page.before);
  const rows = await newest
    .innerJoin('orderStates', (join) =>
      join.onRef('orderStates.orderId', '=', 'orders.orderId').onRef('orderStates.sequence', '=', 'orders.sequence'),
    )
    .select('orderStates.orderJson')
    .orderBy('orders.orderId', 'desc')
    .limit(page.limit)
    .execute();
  return { orders: rows.map((row) => orders.fromJson(row.orderJson)), total };
}

/** Empties the read model. */
export async function clearOrders(db: Transaction<OrderQueryTables>): Promise<void> {
  await db.deleteFrom('orderStates').execute();
  await db.deleteFrom('orders').execute();
}
