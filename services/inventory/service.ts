// The inventory service: how much there is of each product, and reservations of it.
// Internal throughout: only the services whose manifests declare it may call.
import { implement, millisecondsOf, repeat } from '#kit';
import { idsOf, refuseTwice } from './domain/pieces.ts';
import { commit, release } from './domain/reservation-change.ts';
import { learnProducts } from './learn-products.ts';
import manifest from './manifest.ts';
import { change, expireOverdue, reservations, reserve, toReservation } from './reservations.ts';
import { levelsOf, readStock, setAvailable, stockTopic, tell } from './store/stock.ts';

export default implement(
  manifest,
  {
    async getStock({ productIds }, { db }) {
      const { found: levels, missing: missingProductIds } = await readStock(db, productIds);
      return { levels, missingProductIds };
    },

    async reserve(request, context) {
      const lifetime = millisecondsOf(request.timeToLive, context.config.INVENTORY_RESERVATION_LIFETIME);
      const wish = { ...request, expireTime: new Date(context.clock.now().getTime() + lifetime) };
      return toReservation(await reservations.createdOnce(context, request, (unit) => reserve(unit, wish)));
    },

    async release({ reservationId }, context) {
      return toReservation(await change(context, reservationId, release));
    },

    async commit({ reservationId }, context) {
      return toReservation(await change(context, reservationId, commit));
    },

    async *watchStock({ productIds }, context) {
      const sent = new Map<string, number>();
      for await (const _ of context.changes(stockTopic)) {
        for (const level of await levelsOf(context.db, productIds).execute()) {
          if (level.version === sent.get(level.productId)) continue;
          sent.set(level.productId, level.version);
          yield { level };
        }
      }
    },

    async setStock({ counts }, context) {
      refuseTwice(counts);
      return context.transaction(async (unit) => {
        await tell(unit, await setAvailable(unit, counts), 'STOCK_CHANGE_SET');
        return { levels: (await readStock(unit.db, idsOf(counts))).found };
      });
    },
  },
  {
    async start(application) {
      const sweep = { name: 'sweep of expired reservations', every: application.config.INVENTORY_SWEEP_INTERVAL };
      void repeat(application, sweep, () => expireOverdue(application));
      void learnProducts(application);
    },
  },
);
