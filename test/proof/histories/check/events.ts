// Events: what was committed is told, once, in order and without a gap, and each group that listens has handled each.
import type { OrderEvent } from '#proto/fairlead/order/v1/order_event.ts';
import { consumers, type Facts, type LoggedEvent } from './facts.ts';
import { final, grouped, type Invariant } from './invariant.ts';

function* gaps(what: string, told: readonly number[], last: number): Generator<string> {
  const expected = Array.from({ length: last }, (_, index) => index + 1);
  if (told.join() !== expected.join()) yield `${what} is at ${last}, its events are ${told.join(', ') || 'none'}`;
}

/** Each change of each record has its event, and events tell of no other record. */
function* told(
  kind: string,
  records: readonly (readonly [id: string, changes: number])[],
  events: ReadonlyMap<string, readonly number[]>,
): Generator<string> {
  const known = new Map(records);
  for (const [id, changes] of known) yield* gaps(`${kind} ${id}`, events.get(id) ?? [], changes);
  for (const id of events.keys()) if (!known.has(id)) yield `events tell of ${kind} ${id}, which does not exist`;
}

/** The log holds exactly the changes of the databases. */
export const eventsTellAll: Invariant = {
  name: 'events tell what was committed: no gap, no repetition, nothing else',
  *check(facts) {
    const { accounts, orders, payments, shipments, userEvents, orderEvents, paymentEvents, shipmentEvents } = facts;
    const numbersOf = <T extends { readonly sequence: number }>(
      events: readonly LoggedEvent<T>[],
      id: (payload: T) => string,
    ): ReadonlyMap<string, readonly number[]> => {
      const told = grouped(events, ({ payload }) => id(payload));
      return new Map([...told].map(([key, all]) => [key, all.map(({ payload }) => payload.sequence)]));
    };
    yield* told(
      'account',
      accounts.map(({ user_id, revision }) => [user_id, revision]),
      numbersOf(userEvents, ({ userId }) => userId),
    );
    yield* told(
      'order',
      orders.map(({ order_id, sequence }) => [order_id, sequence]),
      numbersOf(orderEvents, ({ orderId }) => orderId),
    );
    yield* told(
      'payment',
      payments.map(({ payment_id, sequence }) => [payment_id, sequence]),
      numbersOf(paymentEvents, ({ paymentId }) => paymentId),
    );
    yield* told(
      'shipment',
      shipments.map(({ shipment_id, sequence }) => [shipment_id, sequence]),
      numbersOf(shipmentEvents, ({ shipmentId }) => shipmentId),
    );
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
    const all = [...facts.userEvents, ...facts.orderEvents, ...facts.paymentEvents, ...facts.shipmentEvents];
    for (const [service, types] of consumers) {
      for (const { id, type, key } of all) {
        if (types.includes(type) && !facts.handled.get(service)?.has(id))
          yield `${service} has not handled ${type} ${id} of ${key}`;
      }
    }
  },
};
