// An order as the contract's messages.
import type { Init, Message } from '#kit/contract/shapes.ts';
import type { Order } from '#proto/fairlead/order/v1/order.ts';
import type { OrderRow } from '../tables.ts';

type OrderEvent = Init<Message<'fairlead.order.v1.OrderEvent'>>;

/** What happened to an order: exactly one member of the event's oneof. */
export type Happening = Pick<
  OrderEvent,
  | 'created'
  | 'stockReserved'
  | 'paid'
  | 'shipmentScheduled'
  | 'inTransit'
  | 'delivered'
  | 'failed'
  | 'cancelled'
  | 'refunded'
>;

/** The order as it is in its row. */
export function toOrder(row: OrderRow): Order {
  return {
    orderId: row.order_id,
    userId: row.user_id,
    status: row.status,
    items: row.items,
    total: { currencyCode: row.currency, units: row.total },
    shippingAddress: row.shipping_address,
    paymentId: row.payment_id ?? '',
    shipmentId: row.shipment_id ?? '',
    refundedAmount: row.refunded === 0 ? null : { currencyCode: row.currency, units: row.refunded },
    failure: row.failure,
    createTime: row.created_at,
    updateTime: row.updated_at,
    sequence: row.sequence,
  };
}

/** What the others are told of the row's latest change. */
export function toEvent(row: OrderRow, happening: Happening): OrderEvent {
  return {
    orderId: row.order_id,
    userId: row.user_id,
    sequence: row.sequence,
    eventTime: row.updated_at,
    status: row.status,
    items: row.items,
    total: { currencyCode: row.currency, units: row.total },
    ...happening,
  };
}
