// The inventory service: how much there is of each product, and reservations of it.
// Internal throughout: only the services whose manifests declare it may call.
import { implement, inOrder, milliseconds, RpcError, repeat } from '#kit';
import { sameProductTwice } from './domain/pieces.ts';
import { commit, release } from './domain/reservation-change.ts';
import { learnProducts } from './learn-products.ts';
import manifest from './manifest.ts';
import { publishStock, stockTopic } from './publish-stock.ts';
import { change, expireOverdue, reserve } from './reservations.ts';
import { readReservation, toReservation } from './store/reservations.ts';
import { readStock, setAvailable, toLevel } from './store/stock.ts';

export default implement(
  manifest,
  {
    async getStock({ productIds }, { db }) {
      const { found, missing } = inOrder(productIds, await readStock(db, productIds), (row) => row.product_id);
      return { levels: found.map(toLevel), missingProductIds: missing };
    },

    async reserve(request, context) {
      const { orderId, items, timeToLive } = request;
      const now = context.clock.now();
      const lifetime = timeToLive
        ? timeToLive.seconds * 1_000 + timeToLive.nanos / 1e6
        : milliseconds(context.config.INVENTORY_RESERVATION_LIFETIME);
      const expireTime = new Date(now.getTime() + lifetime);
      const { reservation } = await context.once(request, async (unit) => ({
        reservation: toReservation(await reserve(unit, { orderId, items, expireTime }, now)),
      }));
      // A repetition is answered with the reservation as it is now, not as it was.
      return { reservation: toReservation(await readReservation(context.db, reservation.reservationId)) };
    },

    async release({ reservationId }, context) {
      return { reservation: toReservation(await change(context, reservationId, ({ state }) => release(state))) };
    },

    async commit({ reservationId }, context) {
      const committed = await change(context, reservationId, (reservation) => {
        const decision = commit(reservation, context.clock.now());
        if (typeof decision !== 'string') return decision;
        throw new RpcError('FAILED_PRECONDITION', 'the pieces are no longer set aside; reserve them again', {
          reason: decision,
          preconditionViolations: [{ type: decision, subject: reservationId, description: 'pieces were given back' }],
        });
      });
      return { reservation: toReservation(committed) };
    },

    async *watchStock({ productIds }, context) {
      const sent = new Map<string, number>();
      for await (const _ of context.changes(stockTopic)) {
        for (const row of await readStock(context.db, productIds)) {
          if (row.version === sent.get(row.product_id)) continue;
          sent.set(row.product_id, row.version);
          yield { level: toLevel(row) };
        }
      }
    },

    async setStock({ counts }, context) {
      const twice = sameProductTwice(counts);
      if (twice !== undefined) {
        throw new RpcError('INVALID_ARGUMENT', 'a product was counted twice in one request', {
          reason: 'INVALID_REQUEST',
          fieldViolations: [
            { field: `counts[${twice}].product_id`, description: 'stands in an earlier count already' },
          ],
        });
      }
      return context.transaction(async (unit) => {
        await publishStock(unit, await setAvailable(unit.db, counts, context.clock.now()));
        const productIds = counts.map(({ productId }) => productId);
        const { found } = inOrder(productIds, await readStock(unit.db, productIds), (row) => row.product_id);
        return { levels: found.map(toLevel) };
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
