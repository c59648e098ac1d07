// The writing side of orders. Placing is a saga and calling off is its reversal: both start in one unit of work with the
// order's own change and are waited for as long as the call allows. The saga goes on, and order events tell of it.
import { implement, isStaff, json, namedUser, notFound } from '#kit';
import { mergeBasket, priceBasket } from './domain/basket.ts';
import { canBeCancelled, tooLate } from './domain/progress.ts';
import manifest from './manifest.ts';
import { placeOrder } from './place-order.ts';
import { orders, toOrder } from './store/orders.ts';

export default implement(
  manifest,
  {
    async createOrder(request, context) {
      const { shippingAddress, paymentToken } = request;
      const basket = mergeBasket(request.items);
      const productIds = [...basket.keys()];
      const { products, missingProductIds } = await context.clients.catalog.batchGetProducts({ productIds });
      if (missingProductIds.length > 0) throw notFound('product', ...missingProductIds);
      const { items, total } = priceBasket(basket, products);
      const row = {
        userId: namedUser(context, request.userId),
        status: 'ORDER_STATUS_PENDING' as const,
        items: json(items),
        currency: total.currencyCode,
        total: total.units,
        shippingAddress: json(shippingAddress),
        paymentToken,
      };
      const { record } = await placeOrder.begin(context, request, row, { created: { shippingAddress } });
      return toOrder(record);
    },

    async cancelOrder({ orderId, reason }, context) {
      const cancelledByUserId = context.user().id;
      const { record, completed } = await placeOrder.callOff(context, orderId, (order) => {
        if (order.userId !== cancelledByUserId && !isStaff(context)) throw notFound('order', orderId);
        return canBeCancelled(order) ? { cancellation: json({ reason, cancelledByUserId }) } : undefined;
      });
      if (completed) throw tooLate(orderId);
      return toOrder(record);
    },
  },
  {
    sagas: [placeOrder],
    on: {
      async 'fairlead.shipping.v1.ShipmentEvent'({ payload: { orderId, state: carrierState } }, unit) {
        if (await orders.find(unit.db, orderId)) await orders.note(unit, orderId, { carrierState });
      },
    },
  },
);
