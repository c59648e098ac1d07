// Queries on the payments table.
// A payment is locked while it is refunded, so that two refunds at once cannot both find the same money.
import type { Kysely, Transaction } from 'kysely';
import { notFound } from '#kit';
import type { RecentCharges } from '../domain/risk.ts';
import type { PaymentRow, PaymentTables } from '../tables.ts';

export async function insertPayment(db: Transaction<PaymentTables>, row: PaymentRow): Promise<void> {
  const risk = row.risk === null ? null : JSON.stringify(row.risk);
  await db
    .insertInto('payments')
    .values({ ...row, risk })
    .execute();
}

/** @throws RpcError NOT_FOUND */
export async function getPayment(
  db: Kysely<PaymentTables>,
  paymentId: string,
  lock?: 'for update',
): Promise<PaymentRow> {
  const query = db.selectFrom('payments').selectAll().where('payment_id', '=', paymentId);
  const row = await (lock === undefined ? query : query.forUpdate()).executeTakeFirst();
  if (row !== undefined) return row;
  throw notFound('payment', paymentId);
}

/** Writes a refund of a locked payment and gives the payment as it is then. */
export async function addRefund(
  db: Transaction<PaymentTables>,
  payment: PaymentRow,
  units: number,
  now: Date,
): Promise<PaymentRow> {
  const refunded = payment.refunded + units;
  return db
    .updateTable('payments')
    .set({
      refunded,
      status: refunded === payment.amount ? 'PAYMENT_STATUS_REFUNDED' : 'PAYMENT_STATUS_PARTIALLY_REFUNDED',
      sequence: payment.sequence + 1,
      updated_at: now,
    })
    .where('payment_id', '=', payment.payment_id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

export async function recentCharges(db: Kysely<PaymentTables>, userId: string, since: Date): Promise<RecentCharges> {
  const declined = (status: string): boolean => status === 'PAYMENT_STATUS_DECLINED';
  const rows = await db
    .selectFrom('payments')
    .select('status')
    .where('user_id', '=', userId)
    .where('created_at', '>', since)
    .orderBy('created_at', 'desc')
    .limit(100)
    .execute();
  const declines = rows.filter((row) => declined(row.status)).length;
  return { charged: rows.length - declines, declined: declines };
}
