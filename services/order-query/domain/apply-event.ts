// The order after an event, from the order before it: the whole read model follows from this function.
import type { Order } from '#proto/fairlead/order/v1/order.ts';
import type { OrderEvent } from '#proto/fairlead/order/v1/order_event.ts';

/** An order of which nothing is known yet but the event. */
function begin({ orderId, userId, eventTime }: OrderEvent): Order {
  return {
    orderId,
    userId,
    status: 'ORDER_STATUS_UNSPECIFIED',
    items: [],
    total: null,
    shippingAddress: null,
    paymentId: '',
    shipmentId: '',
    refundedAmount: null,
    failure: null,
    createTime: eventTime,
    updateTime: eventTime,
    sequence: 0,
  };
}

/** The order as it is with the event. Without a `before` the event stands alone: the earlier ones are lost. */
export function applyEvent(before: Order | undefined, event: OrderEvent): Order {
  const { created, paid, shipmentScheduled, failed, refunded } = event;
  const order = before ?? begin(event);
  return {
    ...order,
    status: event.status,
    items: event.items,
    total: event.total,
    updateTime: event.eventTime,
    sequence: event.sequence,
    shippingAddress: created?.shippingAddress ?? order.shippingAddress,
    paymentId: paid?.paymentId ?? order.paymentId,
    shipmentId: shipmentScheduled?.shipmentId ?? order.shipmentId,
    refundedAmount: refunded?.refundedAmount ?? order.refundedAmount,
    failure: failed?.failure ?? order.failure,
  };
}
