// The recommendation service: what a user may like, learnt from orders that were paid for.
// The catalogue is asked only where orders say too little, so that a shop on its first day recommends something too.
import { implement, milliseconds, millisecondsOf, namedUser } from '#kit';
import { rank } from './domain/rank.ts';
import manifest from './manifest.ts';
import { addPurchases, boughtTogether, forgetAll, productsOf, removePurchases, trending } from './store/purchases.ts';

const defaultPageSize = 10;
const defaultWindow = '168h';
/** Products of the user that are looked at, newest first. */
const mostHistory = 50;

export default implement(
  manifest,
  {
    async getRecommendations({ userId, pageSize, productIds }, context) {
      const { clients, clock, db } = context;
      const limit = pageSize || defaultPageSize;
      const history = await productsOf(db, namedUser(context, userId), mostHistory);
      const known = new Set([...productIds.map((id) => id.toLowerCase()), ...history]);
      const enough = limit + known.size;
      const together = await boughtTogether(db, [...known], enough);
      const trend = await trending(db, { now: clock.now(), lengthMs: milliseconds(defaultWindow) }, enough);
      const learnt = rank({ together, trending: trend, catalogue: [] }, known, limit);
      if (learnt.length === limit) return { recommendations: learnt };
      const { products } = await clients.catalog.listProducts({ pageSize: enough });
      const catalogue = products.map(({ productId }) => productId);
      return { recommendations: rank({ together, trending: trend, catalogue }, known, limit) };
    },

    async getTrending({ pageSize, window }, { clock, db }) {
      const lengthMs = millisecondsOf(window, defaultWindow);
      const rows = await trending(db, { now: clock.now(), lengthMs }, pageSize || defaultPageSize);
      return {
        products: rows.map(({ productId, soldQuantity, weight }) => ({ productId, soldQuantity, score: weight })),
      };
    },
  },
  {
    on: {
      async 'fairlead.order.v1.OrderEvent'({ payload, occurredAt }, { db }) {
        if (payload.cancelled || payload.failed) return removePurchases(db, payload.orderId);
        if (!payload.paid) return;
        const { orderId, userId, items } = payload;
        const purchaseTime = payload.eventTime ?? occurredAt;
        const purchases = items.map(({ productId, quantity }) => ({
          orderId,
          productId,
          userId,
          quantity,
          purchaseTime,
        }));
        await addPurchases(db, purchases);
      },
    },
    rebuild: ({ db }) => forgetAll(db),
  },
);
