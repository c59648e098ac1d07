// Events: what was committed is told, once, in order and without a gap, and each group that listens has handled each.
import type { OrderEvent } from '#proto/fairlead/order/v1/order_event.ts';
import { consumers, type Facts } from './facts.ts';
import { final, grouped, type Invariant } from './invariant.ts';

function* gaps(what: string, told: readonly number[], last: number): Generator<string> {
  const expected = Array.from({ length: last }, (_, index) => index + 1);
  if (told.join() !== expected.join()) yield `${what} is at ${last}, its events are ${told.join(', ') || 'none'}`;
}

/** The log holds exactly the changes of the databases. */
export const eventsTellAll: Invariant = {
  name: 'events tell what was committed: no gap, no repetition, nothing else',
  *check(facts) {
    const { orders, payments, shipments, orderEvents, paymentEvents, shipmentEvents } = facts;
    const told = grouped(orderEvents, ({ payload }) => payload.orderId);
    for (const { order_id, sequence } of orders) {
      yield* gaps(
        `order ${order_id}`,
        (told.get(order_id) ?? []).map(({ payload }) => payload.sequence),
        sequence,
      );
    }
    for (const id of told.keys()) {
      if (!orders.some(({ order_id }) => order_id === id)) yield `events tell of an order ${id} that does not exist`;
    }
    const paid = grouped(paymentEvents, ({ payload }) => payload.paymentId);
    for (const { payment_id, sequence } of payments) {
      yield* gaps(
        `payment ${payment_id}`,
        (paid.get(payment_id) ?? []).map(({ payload }) => payload.sequence),
        sequence,
      );
    }
    for (const id of paid.keys()) {
      if (!payments.some(({ payment_id }) => payment_id === id))
        yield `events tell of a payment ${id} that does not exist`;
    }
    const sent = grouped(shipmentEvents, ({ payload }) => payload.shipmentId);
    for (const { shipment_id, sequence } of shipments) {
      yield* gaps(
        `shipment ${shipment_id}`,
        (sent.get(shipment_id) ?? []).map(({ payload }) => payload.sequence),
        sequence,
      );
    }
    for (const id of sent.keys()) {
      if (!shipments.some(({ shipment_id }) => shipment_id === id))
        yield `events tell of a shipment ${id} that does not exist`;
    }
    yield* levels(facts);
  },
};

/** Every change of a level is told, in order. */
function* levels({ stock, stockEvents, firstVersions }: Facts): Generator<string> {
  const told = grouped(stockEvents, ({ key }) => key);
  for (const { product_id, version } of stock) {
    const first = firstVersions.get(product_id) ?? 0;
    const versions = (told.get(product_id) ?? []).map(({ payload }) => payload.level?.version ?? 0);
    yield* gaps(
      `stock of ${product_id}`,
      versions.filter((one) => one > first).map((one) => one - first),
      version - first,
    );
  }
}

/** Nothing happens to an order after its end, and its last event says what it is. */
export const lastEvent: Invariant = {
  name: "an order's last event is its end, and says what the order is",
  *check({ orders, orderEvents }) {
    const told = grouped(orderEvents, ({ payload }) => payload.orderId);
    for (const { order_id, status } of orders) {
      const events = (told.get(order_id) ?? []).map(({ payload }): OrderEvent => payload);
      if (events.at(-1)?.status !== status)
        yield `order ${order_id} is ${status}, its last event says ${events.at(-1)?.status}`;
      const early = events.slice(0, -1).find((event) => final.has(event.status));
      if (early !== undefined) yield `order ${order_id} ended with event ${early.sequence}, and went on`;
    }
  },
};

/** Each group has handled each event that it listens to; its effects are checked with the read models. */
export const everyGroup: Invariant = {
  name: 'every consumer group has handled every event',
  *check(facts) {
    for (const { group_name, event_id, error } of facts.parked)
      yield `${group_name} has parked event ${event_id}: ${error}`;
    const all = [...facts.orderEvents, ...facts.paymentEvents, ...facts.shipmentEvents];
    for (const [service, types] of consumers) {
      for (const { id, type, key } of all) {
        if (types.includes(type) && !facts.handled.get(service)?.has(id))
          yield `${service} has not handled ${type} ${id} of ${key}`;
      }
    }
  },
};
