// Calling a placed order off: cancel the shipment, give the money back, release the stock.
// Once the shipment is cancelled there is no way back: the rest is tried until it succeeds.
import { defineSaga } from '#kit/saga/define-saga.ts';
import { tooLate } from '../domain/progress.ts';
import type manifest from '../manifest.ts';
import { lockOrder, record, setCancellation } from '../store/orders.ts';
import type { Cancellation, OrderRow } from '../tables.ts';
import { cancelShipment, refundAll } from './undo.ts';

/** What the saga remembers. */
export interface CancelOrderState {
  readonly orderId: string;
  readonly reservationId: string;
  /** Empty: nothing was paid. */
  readonly paymentId: string;
  readonly shipmentId: string;
  readonly reason: string;
  /** Who called it off. */
  readonly userId: string;
  /** In all, in minor units. */
  readonly refunded?: number;
}

/** What the saga is started with. */
export function cancelStateOf(order: OrderRow, { reason, userId }: Cancellation): CancelOrderState {
  const { order_id, reservation_id, payment_id, shipment_id } = order;
  return {
    orderId: order_id,
    reservationId: reservation_id ?? '',
    paymentId: payment_id ?? '',
    shipmentId: shipment_id ?? '',
    reason,
    userId,
  };
}

const untilItSucceeds = Number.POSITIVE_INFINITY;

export const cancelOrder = defineSaga<typeof manifest, CancelOrderState>({
  name: 'cancel-order',
  steps: [
    {
      name: 'cancel shipment',
      attempts: untilItSucceeds,
      async run({ orderId, shipmentId }, context) {
        if (!(await cancelShipment(shipmentId, context))) throw tooLate(orderId, 'ALREADY_IN_TRANSIT');
        return undefined;
      },
    },
    {
      name: 'refund',
      attempts: untilItSucceeds,
      async run({ paymentId, reason }, context) {
        return { refunded: paymentId === '' ? 0 : await refundAll(paymentId, reason, context) };
      },
      async done({ orderId, paymentId, refunded = 0 }, unit) {
        const order = await lockOrder(unit, orderId);
        const units = refunded - (order?.refunded ?? 0);
        if (order === undefined || units <= 0) return;
        const money = (units: number) => ({ currencyCode: order.currency, units });
        const happening = { refunded: { paymentId, amount: money(units), refundedAmount: money(refunded) } };
        await record(unit, orderId, { patch: { refunded }, happening });
      },
    },
    {
      name: 'release',
      attempts: untilItSucceeds,
      async run({ reservationId }, { clients }) {
        await clients.inventory.release({ reservationId });
        return undefined;
      },
    },
  ],

  async completed({ orderId, reason, userId }, unit) {
    const happening = { cancelled: { reason, cancelledByUserId: userId } };
    await record(unit, orderId, { patch: { status: 'ORDER_STATUS_CANCELLED' }, happening });
  },

  // It was too late: the order goes on as if nobody had asked.
  async compensated({ orderId }, unit) {
    await setCancellation(unit, orderId, null);
  },
});
