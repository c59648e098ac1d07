// What consumers made of the events: each took effect once, so that every read model says what the writing side says.
import type { OrderEvent } from '#proto/fairlead/order/v1/order_event.ts';
import type { PaymentEvent } from '#proto/fairlead/payment/v1/payment_event.ts';
import { grouped, type Invariant, placed } from './invariant.ts';

/** order-query is what the order service is. */
export const queryEqualsOrders: Invariant = {
  name: "order-query equals the order service's own state",
  *check({ orders, readModel }) {
    for (const { order_id, user_id, status, sequence, total, currency, items, ...order } of orders) {
      const states = readModel.get(order_id) ?? [];
      const sequences = states.map((state) => state.sequence).join();
      const expected = Array.from({ length: sequence }, (_, index) => index + 1).join();
      if (sequences !== expected)
        yield `order ${order_id} is at ${sequence}, order-query has ${sequences || 'nothing'}`;
      const last = states.at(-1);
      if (last === undefined) continue;
      const own = {
        status,
        userId: user_id,
        total: `${total} ${currency}`,
        items: JSON.stringify(items.map((item) => [item.productId, item.quantity])),
        paymentId: order.payment_id ?? '',
        shipmentId: order.shipment_id ?? '',
        refunded: order.refunded,
        failure: order.failure?.reason,
      };
      const read = {
        status: last.status,
        userId: last.userId,
        total: `${last.total?.units} ${last.total?.currencyCode}`,
        items: JSON.stringify(last.items.map((item) => [item.productId, item.quantity])),
        // An order that was undone keeps no payment of its own; its events told of one.
        paymentId: own.paymentId === '' ? '' : last.paymentId,
        shipmentId: last.shipmentId,
        refunded: last.refundedAmount?.units ?? 0,
        failure: last.failure?.reason,
      };
      for (const key of Object.keys(own) as (keyof typeof own)[]) {
        if (own[key] !== read[key]) yield `order ${order_id}: ${key} is ${own[key]}, order-query says ${read[key]}`;
      }
    }
  },
};

/** What a user is told of an event, as a kind of notification; undefined: nothing. */
function kindOfOrder(event: OrderEvent): string | undefined {
  if (event.shipmentScheduled) return 'ORDER_CONFIRMED';
  if (event.inTransit) return 'ORDER_SHIPPED';
  if (event.delivered) return 'ORDER_DELIVERED';
  if (event.failed) return 'ORDER_FAILED';
  return event.cancelled ? 'ORDER_CANCELLED' : undefined;
}

function kindOfPayment(event: PaymentEvent): string | undefined {
  if (event.charged) return 'PAYMENT_CHARGED';
  if (event.declined) return event.declined.declineReason === 'CHARGE_VOIDED' ? undefined : 'PAYMENT_DECLINED';
  return event.refunded ? 'PAYMENT_REFUNDED' : undefined;
}

/** Users are told once of each thing, and each message has left. */
export const toldOnce: Invariant = {
  name: 'users are told once of everything',
  *check({ userEvents, orderEvents, paymentEvents, notifications }) {
    const due = [
      ...userEvents.map(({ payload }) => [payload.userId, payload.registered ? 'WELCOME' : undefined] as const),
      ...orderEvents.map(({ payload }) => [payload.orderId, kindOfOrder(payload)] as const),
      ...paymentEvents.map(({ payload }) => [payload.orderId, kindOfPayment(payload)] as const),
    ].flatMap(([id, kind]) => (kind === undefined ? [] : [`${id} NOTIFICATION_KIND_${kind}`]));
    // What is about no order is about its user.
    const told = notifications.map(({ order_id, user_id, kind }) => `${order_id || user_id} ${kind}`);
    const counts = (list: readonly string[]): ReadonlyMap<string, readonly string[]> => grouped(list, (one) => one);
    const [wanted, given] = [counts(due), counts(told)];
    for (const what of new Set([...due, ...told])) {
      const [many, times] = [given.get(what)?.length ?? 0, wanted.get(what)?.length ?? 0];
      if (many !== times) yield `${what} was told ${many} times, due ${times} times`;
    }
    for (const { notification_id, deliveries } of notifications) {
      const left = Object.entries(deliveries).filter(([, { state }]) => /PENDING|FAILED/.test(state));
      for (const [channel, { state }] of left) yield `notification ${notification_id} is ${state} on ${channel}`;
    }
  },
};

/** Recommendations count orders that came through, each once. */
export const learntOnce: Invariant = {
  name: 'recommendations count each order that came through once',
  *check({ orders, purchases, wrongPairs }) {
    const learnt = grouped(purchases, ({ order_id }) => order_id);
    for (const { order_id, status, items } of orders) {
      const due = placed.has(status) ? items.map((item) => `${item.productId} ${item.quantity}`).sort() : [];
      const got = (learnt.get(order_id) ?? []).map((one) => `${one.product_id} ${one.quantity}`).sort();
      if (due.join() !== got.join()) yield `order ${order_id} is ${status}, learnt are ${got.join(', ') || 'none'}`;
    }
    for (const pair of wrongPairs) yield `a pair is counted wrong: ${JSON.stringify(pair)}`;
  },
};
