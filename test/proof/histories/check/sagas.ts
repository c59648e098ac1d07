// Sagas: each one ends, and its order is what its end says.
import { final, type Invariant, placed } from './invariant.ts';

/** Every started saga comes to an end. */
export const sagasEnd: Invariant = {
  name: 'every saga ends, and its order with it',
  *check({ orders, sagas }) {
    for (const { id, name, status, order_id } of sagas) {
      if (status !== 'COMPLETED' && status !== 'COMPENSATED')
        yield `saga ${name} ${id} of order ${order_id} is ${status}`;
    }
    for (const { order_id, status } of orders) {
      if (!final.has(status)) yield `order ${order_id} is left ${status}`;
      const placing = sagas.filter((saga) => saga.order_id === order_id);
      if (placing.length !== 1) yield `order ${order_id} has ${placing.length} sagas that place it`;
      // Called off, the saga is undone like one that failed.
      const due = placed.has(status) ? 'COMPLETED' : 'COMPENSATED';
      if (placing[0] !== undefined && placing[0].status !== due)
        yield `order ${order_id} is ${status}, its saga ${placing[0].status}`;
    }
  },
};
