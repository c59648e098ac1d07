// Sagas: each one ends, and its order is what its end says.
import { final, type Invariant } from './invariant.ts';

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
      const placing = sagas.filter((saga) => saga.name === 'place-order' && saga.order_id === order_id);
      if (placing.length !== 1) yield `order ${order_id} has ${placing.length} sagas that place it`;
      const cancelled = sagas.some(
        (saga) => saga.name === 'cancel-order' && saga.order_id === order_id && saga.status === 'COMPLETED',
      );
      const undone = status === 'ORDER_STATUS_FAILED' || status === 'ORDER_STATUS_CANCELLED';
      if (placing[0]?.status === 'COMPENSATED' && !undone) yield `order ${order_id} was undone and is ${status}`;
      if (placing[0]?.status === 'COMPLETED' && undone !== cancelled) {
        yield `order ${order_id} is ${status}, ${cancelled ? 'and' : 'but not'} called off by a saga`;
      }
    }
  },
};
