// The reading side of orders: a model that is built from order events alone, and streams that follow it.
// Whoever may not see an order is told that there is none.
import { type Context, implement, isStaff, namedUser, notFound, openPage } from '#kit';
import { applyEvent } from './domain/apply-event.ts';
import { isFinal, milestoneOf } from './domain/milestone.ts';
import manifest from './manifest.ts';
import { addState, clearOrders, latestState, listOrders, type OrderState, statesAfter } from './store/orders.ts';

const topic = (orderId: string): string => `order/${orderId.toLowerCase()}`;

async function visibleOrder(context: Context<typeof manifest>, orderId: string): Promise<OrderState> {
  const { id } = context.user();
  const state = await latestState(context.db, orderId);
  if (state === undefined || (state.order.userId !== id && !isStaff(context))) throw notFound('order', orderId);
  return state;
}

export default implement(
  manifest,
  {
    async getOrder({ orderId }, context) {
      const { order } = await visibleOrder(context, orderId);
      const history = await statesAfter(context.db, orderId, 0);
      return { order, history: history.map(({ milestone }) => milestone) };
    },

    async listUserOrders(request, context) {
      const userId = namedUser(context, request.userId);
      const filter = { userId, statuses: request.statuses.toSorted() };
      const page = openPage(context, request, { filters: filter });
      const [before] = (page.after ?? []) as [string?];
      const { orders, total } = await listOrders(context.db, filter, { before, limit: page.limit });
      const { items, nextPageToken } = page.close(orders, ({ orderId }) => [orderId]);
      return { orders: items, nextPageToken, totalSize: total };
    },

    async *watchOrder({ orderId, afterSequence }, context) {
      let sent = afterSequence;
      for await (const _ of context.changes(topic(orderId))) {
        const present = await visibleOrder(context, orderId);
        const states = sent === 0 ? [present] : await statesAfter(context.db, orderId, sent);
        for (const state of states) {
          yield state;
          sent = state.order.sequence;
          if (isFinal(state.order.status)) return;
        }
        if (isFinal(present.order.status)) return;
      }
    },
  },
  {
    on: {
      async 'fairlead.order.v1.OrderEvent'({ payload }, unit) {
        const before = await latestState(unit.db, payload.orderId);
        if (before !== undefined && payload.sequence <= before.order.sequence) return;
        await addState(unit.db, { order: applyEvent(before?.order, payload), milestone: milestoneOf(payload) });
        await unit.changed(topic(payload.orderId));
      },
    },
    rebuild: (unit) => clearOrders(unit.db),
  },
);
