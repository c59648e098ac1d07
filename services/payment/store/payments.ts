// Payments as rows, replies and events. What a reply says of risk depends on the version that answers.
import type { Kysely } from 'kysely';
import { aggregateOf, type Filled } from '#kit';
import type { Payment } from '#proto/fairlead/payment/v1/payment.ts';
import type { GetPaymentResponse } from '#proto/fairlead/payment/v1/payment_service.ts';
import type { RecentCharges } from '../domain/risk.ts';
import type { PaymentsRow, PaymentTables } from '../gen/tables.ts';
import type manifest from '../manifest.ts';

export const payments = aggregateOf<typeof manifest>()({
  table: 'payments',
  key: 'paymentId',
  event: 'fairlead.payment.v1.PaymentEvent',
  eventKey: 'orderId',
  describe: ({ paymentId, orderId, userId }) => ({ paymentId, orderId, userId }),
});

/** The reply of a version about a payment; v1 knows nothing of risk. */
export function toReply(row: PaymentsRow, version: string): Filled<GetPaymentResponse> {
  const money = (units: number) => ({ currencyCode: row.currency, units });
  const payment: Filled<Payment> = {
    ...row,
    amount: money(row.amount),
    refundedAmount: row.refunded === 0 ? null : money(row.refunded),
    createTime: row.createdAt,
    updateTime: row.updatedAt,
  };
  return { payment, version, riskAssessment: version === 'v1' ? null : row.risk };
}

/** What the user's latest charges came to, a hundred of them at most. */
export async function recentCharges(db: Kysely<PaymentTables>, userId: string, since: Date): Promise<RecentCharges> {
  const rows = await db
    .selectFrom('payments')
    .select('status')
    .where('userId', '=', userId)
    .where('createdAt', '>', since)
    .orderBy('createdAt', 'desc')
    .limit(100)
    .execute();
  const declined = rows.filter(({ status }) => status === 'PAYMENT_STATUS_DECLINED').length;
  return { charged: rows.length - declined, declined };
}
