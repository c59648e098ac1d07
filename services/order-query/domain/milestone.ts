// What happened to an order, in a line for the customer.

import { formatMoney } from '#kit/money/format-money.ts';
import type { OrderStatus } from '#proto/fairlead/order/v1/order.ts';
import type { OrderEvent } from '#proto/fairlead/order/v1/order_event.ts';
import type { OrderMilestone, OrderMilestoneKind } from '#proto/fairlead/orderquery/v1/order_query_service.ts';

type Happening = NonNullable<OrderEvent['event']>;

const kinds: Readonly<Record<Happening, OrderMilestoneKind>> = {
  created: 'ORDER_MILESTONE_KIND_CREATED',
  stockReserved: 'ORDER_MILESTONE_KIND_STOCK_RESERVED',
  paid: 'ORDER_MILESTONE_KIND_PAID',
  shipmentScheduled: 'ORDER_MILESTONE_KIND_SHIPMENT_SCHEDULED',
  inTransit: 'ORDER_MILESTONE_KIND_IN_TRANSIT',
  delivered: 'ORDER_MILESTONE_KIND_DELIVERED',
  failed: 'ORDER_MILESTONE_KIND_FAILED',
  cancelled: 'ORDER_MILESTONE_KIND_CANCELLED',
  refunded: 'ORDER_MILESTONE_KIND_REFUNDED',
};

const finalStatuses: readonly OrderStatus[] = [
  'ORDER_STATUS_DELIVERED',
  'ORDER_STATUS_FAILED',
  'ORDER_STATUS_CANCELLED',
];

/** True when no event follows. */
export function isFinal(status: OrderStatus): boolean {
  return finalStatuses.includes(status);
}

function noteOf(event: OrderEvent): string {
  if (event.shipmentScheduled) return `Tracking number ${event.shipmentScheduled.trackingNumber}`;
  if (event.failed) return event.failed.failure?.message ?? '';
  if (event.cancelled) return event.cancelled.reason;
  return formatMoney(event.paid?.amount ?? event.refunded?.amount);
}

/** The milestone of an event. */
export function milestoneOf(event: OrderEvent): OrderMilestone {
  return {
    sequence: event.sequence,
    eventTime: event.eventTime,
    kind: event.event === undefined ? 'ORDER_MILESTONE_KIND_UNSPECIFIED' : kinds[event.event],
    status: event.status,
    note: noteOf(event),
  };
}
