// Placing an order: set stock aside, take the money, take the pieces out of the stock, plan the shipment.
// The shipment comes last: nothing leaves the house that was not paid for or is not there. Calling a placed order off is
// the same in reverse, and is refused once the carrier has the parcel. The order's id names each call, so that undoing can
// name the same call again.
import { failedPrecondition, json, recordSaga, settle } from '#kit';
import type { Payment } from '#proto/fairlead/payment/v1/payment.ts';
import { failureOf } from './domain/failure.ts';
import { chargeOf, orders, parcelOf } from './store/orders.ts';

/** Id of a payment that took money. */
const idOf = (payment: Payment | null | undefined) =>
  payment?.status === 'PAYMENT_STATUS_DECLINED' ? undefined : payment?.paymentId;

export const placeOrder = recordSaga(orders, {
  name: 'place-order',
  steps: {
    reserve: {
      async run({ orderId, items }, { clients }) {
        const { reservation } = await clients.inventory.reserve({ requestId: orderId, orderId, items });
        const { reservationId = '', expireTime } = reservation ?? {};
        const patch = { status: 'ORDER_STATUS_STOCK_RESERVED' as const, reservationId };
        return { patch, happening: { stockReserved: { reservationId, expireTime } } };
      },
      // A reservation whose answer was lost runs out by itself.
      async compensate({ reservationId }, { clients }) {
        if (reservationId !== null) await clients.inventory.release({ reservationId });
      },
    },
    charge: {
      async run(order, { clients }) {
        const charge = chargeOf(order);
        const free = { payment: null, version: '' };
        const { payment, version } = order.total === 0 ? free : await clients.payment.charge(charge);
        const paymentId = idOf(payment);
        if (order.total > 0 && !paymentId)
          throw failedPrecondition('PAYMENT_DECLINED', order.orderId, 'payment declined');
        const patch = { status: 'ORDER_STATUS_PAID' as const, paymentId: paymentId ?? null, paymentToken: null };
        return { patch, happening: { paid: { paymentId, amount: charge.amount, paymentVersion: version } } };
      },
      async compensate(order, { clients, requestId }) {
        const charge = chargeOf(order);
        const lost = () => settle(charge, { ...charge, paymentToken: 'tok_void' }, (it) => clients.payment.charge(it));
        const paymentId = order.paymentId ?? (order.total > 0 ? idOf((await lost())?.payment) : undefined);
        if (paymentId === undefined) return undefined;
        const reason = order.cancellation?.reason ?? 'The order could not be carried out.';
        const { payment } = await clients.payment.refund({ requestId, paymentId, reason });
        const refundedAmount = payment?.refundedAmount;
        if (!refundedAmount || refundedAmount.units === order.refunded) return undefined;
        const happening = { refunded: { paymentId, amount: refundedAmount, refundedAmount } };
        return { patch: { refunded: refundedAmount.units }, happening };
      },
    },
    commit: {
      attempts: 8,
      async run({ reservationId }, { clients }) {
        await clients.inventory.commit({ reservationId });
      },
      // Undone with the reservation: releasing gives committed pieces back too.
    },
    schedule: {
      attempts: 8,
      // The carrier may have a parcel before it is known here that there is one.
      mayStay: true,
      async run(order, { clients }) {
        const { shipment } = await clients.shipping.schedule(parcelOf(order));
        const { shipmentId = '', trackingNumber, estimatedDeliveryTime } = shipment ?? {};
        const patch = { status: 'ORDER_STATUS_SHIPMENT_SCHEDULED' as const, shipmentId };
        return { patch, happening: { shipmentScheduled: { shipmentId, trackingNumber, estimatedDeliveryTime } } };
      },
      async compensate(order, { clients }) {
        const lost = async () => (await clients.shipping.schedule(parcelOf(order))).shipment?.shipmentId;
        await clients.shipping.cancel({ shipmentId: order.shipmentId ?? (await lost()) });
      },
    },
  },

  compensated({ cancellation, items }, sagaFailure) {
    if (cancellation !== null || sagaFailure === undefined) {
      const patch = { status: 'ORDER_STATUS_CANCELLED' as const, paymentToken: null };
      return { patch, happening: { cancelled: cancellation } };
    }
    const productIds = items.map(({ productId }) => productId);
    const failure = failureOf(sagaFailure, productIds);
    const patch = { status: 'ORDER_STATUS_FAILED' as const, failure: json(failure), paymentToken: null };
    return { patch, happening: { failed: { failure } } };
  },

  // It was too late: the order goes on as if nobody had asked.
  kept: () => ({ cancellation: null }),
});
