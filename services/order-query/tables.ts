// Kysely table interface of the order-query database, see migrations/.
// An order is kept as it was with each event, so that whoever follows it is told of every step, however slow they read.
import type { JSONColumnType } from 'kysely';
import type { OrderStatus } from '#proto/fairlead/order/v1/order.ts';

export interface OrderQueryTables {
  orders: OrdersTable;
  order_states: OrderStatesTable;
}

export interface OrdersTable {
  order_id: string;
  user_id: string;
  status: OrderStatus;
  sequence: number;
}

export interface OrderStatesTable {
  order_id: string;
  sequence: number;
  order_json: JSONColumnType<object>;
  milestone_json: JSONColumnType<object>;
}
