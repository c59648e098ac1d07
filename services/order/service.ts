// The writing side of orders. Both methods start a saga in one unit of work with the order's own change, then wait for it
// as long as the call allows; whatever stops on the way, the saga goes on and order events tell of it.
import { v7 } from 'uuid';
import { type Context, implement, isStaff, namedUser, notFound } from '#kit';
import { waitInTime } from '#kit/saga/wait-in-time.ts';
import type { Order } from '#proto/fairlead/order/v1/order.ts';
import { mergeBasket, priceBasket } from './domain/basket.ts';
import { toOrder } from './domain/order-message.ts';
import { canBeCancelled, isFinal, tooLate } from './domain/progress.ts';
import manifest from './manifest.ts';
import { cancelOrder, cancelStateOf } from './saga/cancel-order.ts';
import { followCarrier } from './saga/follow-carrier.ts';
import { placeOrder } from './saga/place-order.ts';
import { getOrder, insertOrder, lockOrder, setCancellation, setCarrierState } from './store/orders.ts';

async function present(context: Context<typeof manifest>, orderId: string): Promise<{ order: Order }> {
  return { order: toOrder(await getOrder(context.db, orderId)) };
}

export default implement(
  manifest,
  {
    async createOrder(request, context) {
      const userId = namedUser(context, request.userId);
      const basket = mergeBasket(request.items);
      const productIds = basket.map(({ productId }) => productId);
      const { products } = await context.clients.catalog.batchGetProducts({ productIds });
      const { items, total } = priceBasket(basket, products);
      const { order } = await context.once(request, async (unit) => {
        const orderId = v7();
        const { shippingAddress: address, paymentToken } = request;
        await insertOrder(unit, {
          order_id: orderId,
          user_id: userId,
          items,
          currency: total.currencyCode,
          total: total.units,
          shipping_address: address,
          payment_token: paymentToken,
        });
        await placeOrder.start(unit, orderId, { orderId, userId, items: basket, total, address });
        return { order: { orderId } };
      });
      await waitInTime(placeOrder, context, order.orderId);
      return present(context, order.orderId);
    },

    async cancelOrder({ orderId, reason }, context) {
      const cancellation = await context.transaction(async (unit) => {
        const order = await lockOrder(unit, orderId);
        if (order === undefined || (order.user_id !== context.user().id && !isStaff(context))) {
          throw notFound('order', orderId);
        }
        if (!canBeCancelled(orderId, order.status)) return undefined;
        if (order.cancellation !== null) return order.cancellation;
        const wish = { sagaId: v7(), reason, userId: context.user().id };
        await setCancellation(unit, orderId, wish);
        // An order that is still being placed is called off as soon as it is.
        if (order.status === 'ORDER_STATUS_SHIPMENT_SCHEDULED') {
          await cancelOrder.start(unit, wish.sagaId, cancelStateOf(order, wish));
        }
        return wish;
      });
      if (cancellation === undefined) return present(context, orderId);
      const placed = await waitInTime(placeOrder, context, orderId);
      if (placed?.status === 'COMPLETED') {
        const ended = await waitInTime(cancelOrder, context, cancellation.sagaId);
        if (ended?.status === 'COMPENSATED') throw tooLate(orderId, 'ALREADY_IN_TRANSIT');
      }
      return present(context, orderId);
    },
  },
  {
    sagas: [placeOrder, cancelOrder],
    on: {
      async 'fairlead.shipping.v1.ShipmentEvent'({ payload }, unit) {
        const order = await lockOrder(unit, payload.orderId);
        if (order === undefined || isFinal(order.status)) return;
        await setCarrierState(unit, order.order_id, payload.state);
        await followCarrier(unit, { ...order, carrier_state: payload.state });
      },
    },
  },
);
