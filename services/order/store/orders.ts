// Queries on orders. Every change locks the row, takes the next sequence number and leaves as an event, in one unit of work.
import { type Kysely, sql, type Updateable } from 'kysely';
import { notFound, type UnitOfWork } from '#kit';
import { type Happening, toEvent } from '../domain/order-message.ts';
import type manifest from '../manifest.ts';
import type { Cancellation, OrderRow, OrdersTable, OrderTables } from '../tables.ts';

type Unit = UnitOfWork<typeof manifest>;

/** What is known of an order when it is placed. */
export type NewOrder = Pick<
  OrderRow,
  'order_id' | 'user_id' | 'items' | 'currency' | 'total' | 'shipping_address' | 'payment_token'
>;

// The database's clock: events of one order are told in the order of their times, whichever replica writes them.
const now = sql<Date>`clock_timestamp()`;

/** Columns that a happening changes. */
export type OrderPatch = Pick<
  Updateable<OrdersTable>,
  'status' | 'reservation_id' | 'payment_id' | 'shipment_id' | 'refunded' | 'failure' | 'payment_token'
>;

async function publish(unit: Unit, row: OrderRow, happening: Happening): Promise<void> {
  const payload = toEvent(row, happening);
  await unit.publish({ type: 'fairlead.order.v1.OrderEvent', key: row.order_id, payload });
}

/** Adds an order with its first event. */
export async function insertOrder(unit: Unit, order: NewOrder): Promise<void> {
  const row = await unit.db
    .insertInto('orders')
    .values({
      ...order,
      status: 'ORDER_STATUS_PENDING',
      sequence: 1,
      items: JSON.stringify(order.items),
      shipping_address: JSON.stringify(order.shipping_address),
      created_at: now,
      updated_at: now,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  await publish(unit, row, { created: { shippingAddress: order.shipping_address } });
}

/** @throws RpcError NOT_FOUND */
export async function getOrder(db: Kysely<OrderTables>, orderId: string): Promise<OrderRow> {
  const row = await db.selectFrom('orders').selectAll().where('order_id', '=', orderId).executeTakeFirst();
  if (row === undefined) throw notFound('order', orderId);
  return row;
}

/** The order, locked until the unit of work ends; undefined when there is none. */
export function lockOrder(unit: Unit, orderId: string): Promise<OrderRow | undefined> {
  return unit.db.selectFrom('orders').selectAll().where('order_id', '=', orderId).forUpdate().executeTakeFirst();
}

/** Changes an order and tells what happened, with the next sequence number. Gives the order as it is then. */
export async function record(
  unit: Unit,
  orderId: string,
  change: { readonly patch: OrderPatch; readonly happening: Happening },
): Promise<OrderRow> {
  const row = await unit.db
    .updateTable('orders')
    .set((columns) => ({ ...change.patch, sequence: columns('sequence', '+', 1), updated_at: now }))
    .where('order_id', '=', orderId)
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) throw notFound('order', orderId);
  await publish(unit, row, change.happening);
  return row;
}

export async function setCancellation(unit: Unit, orderId: string, cancellation: Cancellation | null): Promise<void> {
  await unit.db
    .updateTable('orders')
    .set({ cancellation: cancellation === null ? null : JSON.stringify(cancellation) })
    .where('order_id', '=', orderId)
    .execute();
}

export async function setCarrierState(unit: Unit, orderId: string, state: OrderRow['carrier_state']): Promise<void> {
  await unit.db.updateTable('orders').set({ carrier_state: state }).where('order_id', '=', orderId).execute();
}
