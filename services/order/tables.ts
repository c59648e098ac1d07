// Kysely table interface of the order database, see migrations/.
// `sequence` is that of the order's last event; the row is locked while one is added, so that no number is left out.
import type { Generated, JSONColumnType, Selectable } from 'kysely';
import type { OrderFailure, OrderItem, OrderStatus } from '#proto/fairlead/order/v1/order.ts';
import type { ShipmentState } from '#proto/fairlead/shipping/v1/shipment.ts';
import type { Address } from '#proto/fairlead/type/v1/address.ts';

type NullableJson<T extends object> = JSONColumnType<T | null, string | null | undefined, string | null>;

/** Somebody wants an order called off. */
export interface Cancellation {
  /** The saga that does it, or will do it once the order is placed. */
  readonly sagaId: string;
  readonly reason: string;
  readonly userId: string;
}

export interface OrderTables {
  orders: OrdersTable;
}

export interface OrdersTable {
  order_id: string;
  user_id: string;
  status: OrderStatus;
  sequence: number;
  items: JSONColumnType<OrderItem[]>;
  currency: string;
  total: number;
  shipping_address: JSONColumnType<Address | null, string, string>;
  /** Null as soon as it is not needed any more. */
  payment_token: string | null;
  reservation_id: string | null;
  payment_id: string | null;
  shipment_id: string | null;
  refunded: Generated<number>;
  failure: NullableJson<OrderFailure>;
  cancellation: NullableJson<Cancellation>;
  carrier_state: ShipmentState | null;
  created_at: Date;
  updated_at: Date;
}

export type OrderRow = Selectable<OrdersTable>;
