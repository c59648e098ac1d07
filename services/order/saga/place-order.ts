// Placing an order: set stock aside, take the money, take the pieces out of the stock, plan the shipment.
// The shipment comes last: nothing leaves the house that was not paid for or is not there.
import { RpcError } from '#kit/errors/rpc-error.ts';
import { defineSaga } from '#kit/saga/define-saga.ts';
import type { BasketItem } from '#proto/fairlead/order/v1/order_service.ts';
import type { Address } from '#proto/fairlead/type/v1/address.ts';
import type { Money } from '#proto/fairlead/type/v1/money.ts';
import { failureOf } from '../domain/failure.ts';
import type manifest from '../manifest.ts';
import { getOrder, lockOrder, record } from '../store/orders.ts';
import { cancelOrder, cancelStateOf } from './cancel-order.ts';
import { followCarrier } from './follow-carrier.ts';
import { type Context, cancelShipment, refundAll, settleCharge } from './undo.ts';

/** What the saga remembers; the first part is what it is started with. */
export interface PlaceOrderState {
  readonly orderId: string;
  readonly userId: string;
  readonly items: readonly BasketItem[];
  readonly total: Money;
  readonly address: Address | null;
  readonly reservationId?: string;
  /** ISO 8601. */
  readonly reservedUntil?: string | undefined;
  /** Empty: there was nothing to pay. */
  readonly paymentId?: string;
  readonly paymentVersion?: string;
  readonly shipmentId?: string;
  readonly trackingNumber?: string;
  /** ISO 8601. */
  readonly estimatedDelivery?: string | undefined;
  /** In minor units. */
  readonly refunded?: number;
}

type State = PlaceOrderState;

/** The order's id names each of the three calls, so that undoing can name the same call again. */
async function chargeOf({ orderId, userId, total }: State, { db }: Context) {
  const { payment_token } = await getOrder(db, orderId);
  return { requestId: orderId, orderId, userId, amount: total, paymentToken: payment_token ?? '' };
}
const shipmentOf = ({ orderId, userId, address, items }: State) =>
  ({ requestId: orderId, orderId, userId, address, items }) as const;
const dateOf = (text: string | undefined): Date | null => (text === undefined ? null : new Date(text));

export const placeOrder = defineSaga<typeof manifest, State>({
  name: 'place-order',
  steps: [
    {
      name: 'reserve',
      async run({ orderId, items }, { clients }) {
        const { reservation } = await clients.inventory.reserve({ requestId: orderId, orderId, items });
        const { reservationId = '', expireTime } = reservation ?? {};
        return { reservationId, reservedUntil: expireTime?.toISOString() };
      },
      async done({ orderId, reservationId = '', reservedUntil }, unit) {
        await record(unit, orderId, {
          patch: { status: 'ORDER_STATUS_STOCK_RESERVED', reservation_id: reservationId },
          happening: { stockReserved: { reservationId, expireTime: dateOf(reservedUntil) } },
        });
      },
      // A reservation whose answer was lost runs out by itself.
      async compensate({ reservationId }, { clients }) {
        if (reservationId !== undefined) await clients.inventory.release({ reservationId });
        return undefined;
      },
    },
    {
      name: 'charge',
      async run(state, context) {
        if (state.total.units === 0) return { paymentId: '', paymentVersion: '' };
        const { payment, version } = await context.clients.payment.charge(await chargeOf(state, context));
        if (payment === null || payment.status === 'PAYMENT_STATUS_DECLINED') {
          throw new RpcError('FAILED_PRECONDITION', 'the payment was declined', { reason: 'PAYMENT_DECLINED' });
        }
        return { paymentId: payment.paymentId, paymentVersion: version };
      },
      async done({ orderId, total, paymentId = '', paymentVersion }, unit) {
        await record(unit, orderId, {
          patch: { status: 'ORDER_STATUS_PAID', payment_id: paymentId || null, payment_token: null },
          happening: { paid: { paymentId, amount: total, paymentVersion } },
        });
      },
      async compensate(state, context) {
        const paymentId = state.paymentId ?? (await settleCharge(await chargeOf(state, context), context)) ?? '';
        const reason = 'The order could not be carried out.';
        const refunded = paymentId === '' ? 0 : await refundAll(paymentId, reason, context);
        return { paymentId, refunded };
      },
    },
    {
      name: 'commit',
      attempts: 8,
      async run({ reservationId = '' }, { clients }) {
        await clients.inventory.commit({ reservationId });
        return undefined;
      },
      // Undone with the reservation: releasing gives committed pieces back too.
    },
    {
      name: 'schedule',
      attempts: 8,
      async run(state, { clients }) {
        const { shipment } = await clients.shipping.schedule(shipmentOf(state));
        const { shipmentId = '', trackingNumber = '', estimatedDeliveryTime } = shipment ?? {};
        return { shipmentId, trackingNumber, estimatedDelivery: estimatedDeliveryTime?.toISOString() };
      },
      async compensate(state, context) {
        const { shipment } = await context.clients.shipping.schedule(shipmentOf(state));
        const { shipmentId = '' } = shipment ?? {};
        if (!(await cancelShipment(shipmentId, context))) {
          context.log.error('a parcel of a failed order is on its way', { orderId: state.orderId, shipmentId });
        }
        return undefined;
      },
    },
  ],

  async completed(state, unit) {
    const { orderId, shipmentId = '', trackingNumber, estimatedDelivery } = state;
    const order = await record(unit, orderId, {
      patch: { status: 'ORDER_STATUS_SHIPMENT_SCHEDULED', shipment_id: shipmentId },
      happening: {
        shipmentScheduled: { shipmentId, trackingNumber, estimatedDeliveryTime: dateOf(estimatedDelivery) },
      },
    });
    await followCarrier(unit, order);
    // Called off in the meantime.
    if (order.cancellation !== null) {
      await cancelOrder.start(unit, order.cancellation.sagaId, cancelStateOf(order, order.cancellation));
    }
  },

  async compensated({ orderId, paymentId = '', items, total, refunded = 0 }, unit, sagaFailure) {
    const order = await lockOrder(unit, orderId);
    if (refunded > 0) {
      const amount = { currencyCode: total.currencyCode, units: refunded };
      const happening = { refunded: { paymentId, amount, refundedAmount: amount } };
      await record(unit, orderId, { patch: { refunded }, happening });
    }
    if (order?.cancellation) {
      const { reason, userId } = order.cancellation;
      const happening = { cancelled: { reason, cancelledByUserId: userId } };
      const patch = { status: 'ORDER_STATUS_CANCELLED', payment_token: null } as const;
      await record(unit, orderId, { patch, happening });
      return;
    }
    const productIds = items.map(({ productId }) => productId);
    const failure = failureOf(sagaFailure, productIds);
    await record(unit, orderId, {
      patch: { status: 'ORDER_STATUS_FAILED', failure: JSON.stringify(failure), payment_token: null },
      happening: { failed: { failure } },
    });
  },
});
