// Kysely table interface of the order database, see migrations/.
// `sequence` is that of the order's last event; the row is locked while an event is added, so no number is left out.
import type { Order, OrderStatus } from '#proto/fairlead/order/v1/order.ts';

export interface OrderTables {
  orders: OrderRow;
}

export interface OrderRow {
  order_id: string;
  user_id: string;
  status: OrderStatus;
  sequence: number;
  body: Order;
}
