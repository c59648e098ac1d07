// Kysely table interface of the order-query database, see migrations/.
// An order is kept whole as the contract's message, with the columns that lists filter and sort by beside it.
import type { Order, OrderStatus } from '#proto/fairlead/order/v1/order.ts';
import type { OrderMilestone } from '#proto/fairlead/orderquery/v1/order_query_service.ts';

export interface OrderQueryTables {
  orders: OrderViewRow;
  milestones: MilestoneRow;
}

export interface OrderViewRow {
  order_id: string;
  user_id: string;
  status: OrderStatus;
  sequence: number;
  body: Order;
}

export interface MilestoneRow {
  order_id: string;
  sequence: number;
  body: OrderMilestone;
}
