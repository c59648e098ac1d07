// Goods: pieces are on the shelf, set aside or sold, and nowhere else; a parcel leaves for each order that came through.
import { grouped, type Invariant, placed, sum } from './invariant.ts';

/** No piece comes into being or is lost. */
export const stockConserved: Invariant = {
  name: 'stock is conserved: available + reserved + sold = what there was, and never negative',
  *check({ plan, stock, reservations, stockEvents }) {
    const pieces = (state: readonly string[], productId: string): number =>
      sum(
        reservations.filter((one) => state.includes(one.state)),
        ({ items }) =>
          sum(
            items.filter((item) => item.productId === productId),
            ({ quantity }) => quantity,
          ),
      );
    for (const { product_id, available, reserved } of stock) {
      const before = plan.stock.get(product_id) ?? 0;
      const held = pieces(['HELD'], product_id);
      const sold = pieces(['COMMITTED'], product_id);
      if (available + held + sold !== before) {
        yield `product ${product_id}: ${available} available + ${held} held + ${sold} sold, but there were ${before}`;
      }
      if (reserved !== held) yield `product ${product_id}: ${reserved} reserved, reservations hold ${held}`;
    }
    for (const { key, payload } of stockEvents) {
      const { available = 0, reserved = 0 } = payload.level ?? {};
      if (available < 0 || reserved < 0)
        yield `product ${key} was told to have ${available} available, ${reserved} reserved`;
    }
  },
};

/** What is sold is sold to orders that came through. */
export const soldToOrders: Invariant = {
  name: 'orders that came through hold their pieces, the others hold none',
  *check({ orders, reservations }) {
    const known = new Set(orders.map(({ order_id }) => order_id));
    for (const { order_id, reservation_id, state } of reservations) {
      if (!known.has(order_id)) yield `reservation ${reservation_id} is of an order ${order_id} that does not exist`;
      if (state === 'HELD') yield `reservation ${reservation_id} of order ${order_id} is held for ever`;
    }
    for (const { order_id, status, items } of orders) {
      const own = reservations.filter((one) => one.order_id === order_id && one.state === 'COMMITTED');
      const due = placed.has(status) ? 1 : 0;
      if (own.length !== due) yield `order ${order_id} is ${status} and has ${own.length} committed reservations`;
      const pieces = (list: typeof items): string =>
        JSON.stringify(list.map((one) => `${one.productId} ${one.quantity}`).sort());
      if (own[0] !== undefined && pieces(own[0].items) !== pieces(items)) {
        yield `order ${order_id} has other pieces than its reservation`;
      }
    }
  },
};

/** One parcel for an order that came through, none for another. */
export const parcels: Invariant = {
  name: 'each order that came through has one parcel, the others have none',
  *check({ orders, shipments }) {
    const byOrder = grouped(
      shipments.filter(({ state }) => state !== 'SHIPMENT_STATE_CANCELLED'),
      ({ order_id }) => order_id,
    );
    const known = new Set(orders.map(({ order_id }) => order_id));
    for (const id of byOrder.keys()) if (!known.has(id)) yield `a parcel is of an order ${id} that does not exist`;
    for (const { order_id, status, shipment_id } of orders) {
      const own = byOrder.get(order_id) ?? [];
      if (own.length !== (placed.has(status) ? 1 : 0))
        yield `order ${order_id} is ${status} and has ${own.length} parcels`;
      else if (own[0] !== undefined && own[0].shipment_id !== shipment_id) {
        yield `order ${order_id} names shipment ${shipment_id}, shipping has ${own[0].shipment_id}`;
      }
    }
  },
};
