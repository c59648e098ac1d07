// Taking money and giving it back. A charge is decided by its card, and from v2 on by its risk too.
// Nothing is written before the card has answered: a charge that fails leaves nothing behind and can be repeated.
import { implement, json, milliseconds, RpcError } from '#kit';
import { chargeable, refundable } from './domain/amounts.ts';
import { assessRisk } from './domain/risk.ts';
import { answerOfCard } from './domain/test-cards.ts';
import manifest from './manifest.ts';
import { payments, recentCharges, toReply } from './store/payments.ts';

const riskWindow = milliseconds('10m');

export default implement(manifest, {
  async charge(request, context) {
    const { orderId, userId } = request;
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
    const payment = await payments.createdOnce(context, request, async (unit) => {
      const since = new Date(context.clock.now().getTime() - riskWindow);
      const risk = context.version === 'v1' ? null : assessRisk(amount, await recentCharges(unit.db, userId, since));
      const tooRisky = risk?.level === 'RISK_LEVEL_HIGH' ? 'RISK_TOO_HIGH' : '';
      const declineReason = answer.kind === 'declined' ? answer.reason : tooRisky;
      const declined = declineReason !== '';
      const row = {
        orderId,
        userId,
        status: declined ? ('PAYMENT_STATUS_DECLINED' as const) : ('PAYMENT_STATUS_CHARGED' as const),
        currency: amount.currencyCode,
        amount: amount.units,
        declineReason,
        chargedByVersion: context.version,
        risk: risk && json(risk),
      };
      return payments.create(unit, row, declined ? { declined: { amount, declineReason } } : { charged: { amount } });
    });
    return toReply(payment, context.version);
  },

  async refund(request, context) {
    const { paymentId, reason } = request;
    await context.once(request, async (unit) => {
      const payment = await payments.lock(unit.db, paymentId);
      const units = refundable(payment, request.amount);
      if (units === 0) return {};
      const refunded = payment.refunded + units;
      const status = refunded === payment.amount ? 'PAYMENT_STATUS_REFUNDED' : 'PAYMENT_STATUS_PARTIALLY_REFUNDED';
      const money = (units: number) => ({ currencyCode: payment.currency, units });
      const happening = { refunded: { amount: money(units), refundedAmount: money(refunded), reason } };
      await payments.change(unit, paymentId, { refunded, status }, happening);
      return {};
    });
    const { payment, version } = toReply(await payments.get(context.db, paymentId), context.version);
    return { payment, version };
  },

  async getPayment({ paymentId }, context) {
    return toReply(await payments.get(context.db, paymentId), context.version);
  },
});
