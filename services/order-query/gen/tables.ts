// Generated from services/order-query/migrations by `npm run generate`. Do not edit.
import type { Selectable } from 'kysely';
import type { JsonColumn } from '#kit/database/json-column.ts';
import type { OrderStatus } from '#proto/fairlead/order/v1/order.ts';

/** The tables of the order-query service, for Kysely. */
export interface OrderQueryTables {
  orderStates: OrderStatesTable;
  orders: OrdersTable;
}

export interface OrderStatesTable {
  orderId: string;
  sequence: number;
  orderJson: JsonColumn<object>;
  milestoneJson: JsonColumn<object>;
}

export type OrderStatesRow = Selectable<OrderStatesTable>;

export interface OrdersTable {
  orderId: string;
  userId: string;
  status: OrderStatus;
  sequence: number;
}

export type OrdersRow = Selectable<OrdersTable>;
