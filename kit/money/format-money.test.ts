// Amounts for people, in currencies with two, no and three digits.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatMoney, majorUnits } from './format-money.ts';

test('amounts have the digits of their currency', () => {
  assert.equal(formatMoney({ currencyCode: 'EUR', units: 1_999 }), '€19.99');
  assert.equal(formatMoney({ currencyCode: 'JPY', units: 500 }), '¥500');
  assert.equal(majorUnits({ currencyCode: 'KWD', units: 1_500 }), 1.5);
});

test('no amount is no text', () => {
  assert.equal(formatMoney(null), '');
});
