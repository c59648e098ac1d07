// Orders for tests: valid requests, and what was told of one order.
import { v7 } from 'uuid';
import type { IncomingEvent, Init, Message } from '#kit';
import type { CreateOrderRequest } from '#proto/fairlead/order/v1/order_service.ts';

export const eventType = 'fairlead.order.v1.OrderEvent';

type OrderEvent = Message<typeof eventType>;

/** A request for pieces of some products, two of each. */
export function basketOf(...productIds: readonly string[]): Init<CreateOrderRequest> & { readonly requestId: string } {
  return {
    requestId: v7(),
    userId: 'me',
    items: productIds.map((productId) => ({ productId, quantity: 2 })),
    shippingAddress: { recipient: 'Ada', lines: ['Long Lane 1'], city: 'Leeds', countryCode: 'GB' },
    paymentToken: 'tok_approve',
  };
}

/** The events of an order so far, in the order of their arrival. */
export function eventsOf(published: readonly IncomingEvent[], orderId: string): OrderEvent[] {
  return published
    .filter(({ key, type }) => key === orderId && type === eventType)
    .map(({ payload }) => payload as OrderEvent);
}

/** True for an order's last event. */
export function isLast({ payload }: IncomingEvent<typeof eventType>): boolean {
  return ['ORDER_STATUS_DELIVERED', 'ORDER_STATUS_FAILED', 'ORDER_STATUS_CANCELLED'].includes(payload.status);
}
