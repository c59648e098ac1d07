// Generated from services/order/migrations by `npm run generate`. Do not edit.
import type { Generated, Selectable } from 'kysely';
import type { JsonColumn } from '#kit/database/json-column.ts';
import type { OrderFailure, OrderItem, OrderStatus } from '#proto/fairlead/order/v1/order.ts';
import type { OrderCancelled } from '#proto/fairlead/order/v1/order_event.ts';
import type { ShipmentState } from '#proto/fairlead/shipping/v1/shipment.ts';
import type { Address } from '#proto/fairlead/type/v1/address.ts';

/** The tables of the order service, for Kysely. */
export interface OrderTables {
  orders: OrdersTable;
}

export interface OrdersTable {
  orderId: string;
  userId: string;
  status: OrderStatus;
  sequence: number;
  items: JsonColumn<OrderItem[]>;
  currency: string;
  total: number;
  shippingAddress: JsonColumn<Address | null>;
  paymentToken: string | null;
  reservationId: string | null;
  paymentId: string | null;
  shipmentId: string | null;
  refunded: Generated<number>;
  failure: JsonColumn<OrderFailure, null>;
  cancellation: JsonColumn<OrderCancelled, null>;
  carrierState: ShipmentState | null;
  createdAt: Date;
  updatedAt: Date;
}

export type OrdersRow = Selectable<OrdersTable>;
