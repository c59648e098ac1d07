// A payment as the contract's messages. What a reply says of risk depends on the version that answers.
import type { Init, Message } from '#kit/contract/shapes.ts';
import type { Payment } from '#proto/fairlead/payment/v1/payment.ts';
import type { GetPaymentResponse } from '#proto/fairlead/payment/v1/payment_service.ts';
import type { PaymentRow } from '../tables.ts';

type PaymentEvent = Init<Message<'fairlead.payment.v1.PaymentEvent'>>;

function toPayment(row: PaymentRow): Payment {
  return {
    paymentId: row.payment_id,
    orderId: row.order_id,
    userId: row.user_id,
    status: row.status,
    amount: { currencyCode: row.currency, units: row.amount },
    refundedAmount: row.refunded === 0 ? null : { currencyCode: row.currency, units: row.refunded },
    declineReason: row.decline_reason,
    createTime: row.created_at,
    updateTime: row.updated_at,
    chargedByVersion: row.charged_by_version,
  };
}

/** The reply of a version about a payment; v1 knows nothing of risk. */
export function toReply(row: PaymentRow, version: string): GetPaymentResponse {
  return { payment: toPayment(row), version, riskAssessment: version === 'v1' ? null : row.risk };
}

/** What the others are told of a payment's latest change. */
export function toEvent(row: PaymentRow, refund?: { readonly units: number; readonly reason: string }): PaymentEvent {
  const money = (units: number): { currencyCode: string; units: number } => ({ currencyCode: row.currency, units });
  const head = {
    paymentId: row.payment_id,
    orderId: row.order_id,
    userId: row.user_id,
    sequence: row.sequence,
    eventTime: row.updated_at,
  };
  if (refund !== undefined) {
    const { units, reason } = refund;
    return { ...head, refunded: { amount: money(units), refundedAmount: money(row.refunded), reason } };
  }
  const amount = money(row.amount);
  if (row.status === 'PAYMENT_STATUS_CHARGED') return { ...head, charged: { amount } };
  return { ...head, declined: { amount, declineReason: row.decline_reason } };
}
