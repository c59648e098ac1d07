// What users are told of events, and of which events they are told nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OrderEvent } from '#proto/fairlead/order/v1/order_event.ts';
import type { PaymentEvent } from '#proto/fairlead/payment/v1/payment_event.ts';
import type { UserEvent } from '#proto/fairlead/user/v1/user_event.ts';
import { noticeOfOrder, noticeOfPayment, noticeOfUser } from './notice.ts';

const head = { orderId: 'o', userId: 'u', sequence: 1, eventTime: null };
const eur = { currencyCode: 'EUR', units: 1_999 };

function order(happening: Partial<OrderEvent>): OrderEvent {
  return { ...head, status: 'ORDER_STATUS_PENDING', items: [], total: eur, ...happening };
}

function payment(happening: Partial<PaymentEvent>): PaymentEvent {
  return { ...head, paymentId: 'p', ...happening };
}

test('an order is told of when it is sure, shipped, delivered, failed or cancelled', () => {
  const failure = { reason: 'FAILURE_REASON_INTERNAL' as const, message: 'sorry', productIds: [] };
  const told = [
    order({ shipmentScheduled: { shipmentId: 's', trackingNumber: 'FL1', estimatedDeliveryTime: null } }),
    order({ inTransit: { shipmentId: 's' } }),
    order({ delivered: { shipmentId: 's' } }),
    order({ failed: { failure } }),
    order({ cancelled: { reason: '', cancelledByUserId: 'u' } }),
  ].map((event) => noticeOfOrder(event));
  assert.deepEqual(
    told.map((notice) => notice?.kind.replace('NOTIFICATION_KIND_ORDER_', '')),
    ['CONFIRMED', 'SHIPPED', 'DELIVERED', 'FAILED', 'CANCELLED'],
  );
  assert.equal(told[0]?.body, 'You paid €19.99. Your tracking number is FL1.');
  assert.equal(told[3]?.body, 'sorry');
});

test('steps on the way are not told of', () => {
  assert.equal(noticeOfOrder(order({ created: { shippingAddress: null } })), undefined);
  assert.equal(noticeOfOrder(order({ paid: { paymentId: 'p', amount: eur, paymentVersion: 'v1' } })), undefined);
  assert.equal(noticeOfUser({ userId: 'u', sequence: 2, eventTime: null } satisfies UserEvent), undefined);
});

test('charges, declines and refunds are told of, closing an unanswered charge is not', () => {
  assert.equal(noticeOfPayment(payment({ charged: { amount: eur } }))?.title, 'You paid €19.99');
  const declined = noticeOfPayment(payment({ declined: { amount: eur, declineReason: 'CARD_DECLINED' } }));
  assert.equal(declined?.kind, 'NOTIFICATION_KIND_PAYMENT_DECLINED');
  const refunded = noticeOfPayment(payment({ refunded: { amount: eur, refundedAmount: eur, reason: '' } }));
  assert.equal(refunded?.title, 'You get back €19.99');
  assert.equal(noticeOfPayment(payment({ declined: { amount: eur, declineReason: 'CHARGE_VOIDED' } })), undefined);
});
