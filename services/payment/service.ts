// Taking money and giving it back. A charge is decided by its card, and from v2 on by its risk too.
// Nothing is written before the card has answered: a charge that fails leaves nothing behind and can be repeated.
import { v7 } from 'uuid';
import { implement, milliseconds, RpcError } from '#kit';
import { chargeable, refundable } from './domain/amounts.ts';
import { toEvent, toReply } from './domain/payment-message.ts';
import { assessRisk } from './domain/risk.ts';
import { answerOfCard } from './domain/test-cards.ts';
import manifest from './manifest.ts';
import { addRefund, getPayment, insertPayment, recentCharges } from './store/payments.ts';
import type { PaymentRow } from './tables.ts';

const riskWindow = milliseconds('10m');

export default implement(manifest, {
  async charge(request, context) {
    const amount = chargeable(request.amount);
    const answer = answerOfCard(request.paymentToken);
    if (answer.kind === 'unavailable') {
      throw new RpcError('UNAVAILABLE', 'the card cannot be reached and nothing was taken; try again later', {
        reason: 'CARD_UNAVAILABLE',
      });
    }
    if (answer.kind === 'charged slowly') {
      await context.clock.sleep(milliseconds(context.config.SLOW_CARD_DELAY), context.signal);
    }
    const { payment } = await context.once(request, async (unit) => {
      const now = context.clock.now();
      const since = new Date(now.getTime() - riskWindow);
      const risk =
        context.version === 'v1' ? null : assessRisk(amount, await recentCharges(unit.db, request.userId, since));
      const tooRisky = risk?.level === 'RISK_LEVEL_HIGH' ? 'RISK_TOO_HIGH' : '';
      const declineReason = answer.kind === 'declined' ? answer.reason : tooRisky;
      const row: PaymentRow = {
        payment_id: v7(),
        order_id: request.orderId,
        user_id: request.userId,
        status: declineReason === '' ? 'PAYMENT_STATUS_CHARGED' : 'PAYMENT_STATUS_DECLINED',
        currency: amount.currencyCode,
        amount: amount.units,
        refunded: 0,
        decline_reason: declineReason,
        charged_by_version: context.version,
        risk,
        sequence: 1,
        created_at: now,
        updated_at: now,
      };
      await insertPayment(unit.db, row);
      await unit.publish({ type: 'fairlead.payment.v1.PaymentEvent', key: row.order_id, payload: toEvent(row) });
      return { payment: { paymentId: row.payment_id } };
    });
    return toReply(await getPayment(context.db, payment.paymentId), context.version);
  },

  async refund(request, context) {
    await context.once(request, async (unit) => {
      const payment = await getPayment(unit.db, request.paymentId, 'for update');
      const units = refundable(payment, request.amount);
      if (units === 0) return {};
      const refunded = await addRefund(unit.db, payment, units, context.clock.now());
      const payload = toEvent(refunded, { units, reason: request.reason });
      await unit.publish({ type: 'fairlead.payment.v1.PaymentEvent', key: payment.order_id, payload });
      return {};
    });
    const { payment, version } = toReply(await getPayment(context.db, request.paymentId), context.version);
    return { payment, version };
  },

  async getPayment(request, context) {
    return toReply(await getPayment(context.db, request.paymentId), context.version);
  },
});
