// Amounts: nothing is charged for nothing, and no more is given back than was taken.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RpcError } from '#kit/errors/rpc-error.ts';
import type { PaymentsRow } from '../gen/tables.ts';
import { chargeable, refundable } from './amounts.ts';

const eur = (units: number): { currencyCode: string; units: number } => ({ currencyCode: 'EUR', units });
const refused = (reason: string) => (error: unknown) => RpcError.is(error) && error.details.reason === reason;

function payment(amount: number, refunded = 0): PaymentsRow {
  return {
    paymentId: 'p',
    orderId: 'o',
    userId: 'u',
    status: 'PAYMENT_STATUS_CHARGED',
    currency: 'EUR',
    amount,
    refunded,
    declineReason: '',
    chargedByVersion: 'v1',
    risk: null,
    sequence: 1,
    createdAt: new Date(0),
    updatedAt: new Date(0),
  };
}

test('a charge needs an amount above zero', () => {
  assert.throws(() => chargeable(eur(0)), refused('AMOUNT_ZERO'));
  assert.throws(() => chargeable(null), refused('AMOUNT_ZERO'));
  assert.deepEqual(chargeable(eur(1)), eur(1));
});

test('without an amount all that is left is given back, even if that is nothing', () => {
  assert.equal(refundable(payment(500), null), 500);
  assert.equal(refundable(payment(500, 200), null), 300);
  assert.equal(refundable(payment(500, 500), null), 0);
});

test('a refund of nothing, of more than is left, or in another currency is refused', () => {
  assert.throws(() => refundable(payment(500), eur(0)), refused('AMOUNT_ZERO'));
  assert.throws(() => refundable(payment(500, 200), eur(301)), refused('REFUND_EXCEEDS_CHARGE'));
  assert.throws(() => refundable(payment(500), { currencyCode: 'USD', units: 1 }), refused('CURRENCY_MISMATCH'));
});

test('of a declined payment there is nothing to give back', () => {
  const declined: PaymentsRow = { ...payment(500), status: 'PAYMENT_STATUS_DECLINED' };
  assert.throws(() => refundable(declined, null), refused('NOTHING_CHARGED'));
});

test('however refunds follow each other, they never come to more than the charge', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000 }), fc.array(fc.option(fc.nat(1_000))), (amount, asked) => {
      let refunded = 0;
      for (const units of asked) {
        try {
          refunded += refundable(payment(amount, refunded), units === null ? null : eur(units));
        } catch (error) {
          assert.ok(RpcError.is(error));
        }
        assert.ok(refunded <= amount);
      }
    }),
  );
});
