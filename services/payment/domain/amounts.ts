// How much may be taken and given back. Whatever is refused here never reached a card.
import { RpcError } from '#kit/errors/rpc-error.ts';
import type { Money } from '#proto/fairlead/type/v1/money.ts';
import type { PaymentsRow } from '../gen/tables.ts';

function zero(description: string): RpcError {
  return new RpcError('INVALID_ARGUMENT', `amount.units: ${description}`, {
    reason: 'AMOUNT_ZERO',
    fieldViolations: [{ field: 'amount.units', description, reason: 'AMOUNT_ZERO' }],
  });
}

/** The amount of a charge: more than zero. */
export function chargeable(amount: Money | null): Money {
  if (amount === null || amount.units <= 0) throw zero('must be more than zero, in the minor unit of the currency');
  return amount;
}

/**
 * How much a refund gives back, in minor units: what was asked for, or all that is left, which may be nothing.
 *
 * @throws RpcError FAILED_PRECONDITION where nothing was taken, or less than what is asked for is left
 */
export function refundable(payment: PaymentsRow, asked: Money | null): number {
  const { paymentId: id, amount, currency, refunded } = payment;
  if (payment.status === 'PAYMENT_STATUS_DECLINED') {
    throw new RpcError(
      'FAILED_PRECONDITION',
      `payment ${id} was declined: nothing was taken that could be given back`,
      {
        reason: 'NOTHING_CHARGED',
      },
    );
  }
  const left = amount - refunded;
  if (asked === null) return left;
  if (asked.units <= 0) throw zero('must be more than zero; leave the amount out to give back all that is left');
  if (asked.currencyCode !== currency || asked.units > left) {
    throw new RpcError(
      'FAILED_PRECONDITION',
      `payment ${id} has ${left} ${currency} left to give back, not ${asked.units} ${asked.currencyCode} (minor units)`,
      { reason: asked.currencyCode === currency ? 'REFUND_EXCEEDS_CHARGE' : 'CURRENCY_MISMATCH' },
    );
  }
  return asked.units;
}
