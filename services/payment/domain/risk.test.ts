// Risk: what raises it, that no single habit of a good customer declines, and that more signals never lower it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assessRisk } from './risk.ts';

const calm = { charged: 0, declined: 0 };

test('an ordinary charge raises nothing', () => {
  assert.deepEqual(assessRisk({ currencyCode: 'EUR', units: 199_999 }, calm), {
    score: 0,
    level: 'RISK_LEVEL_LOW',
    signals: [],
  });
});

test('a large amount is medium, and high once declines came before it', () => {
  const large = { currencyCode: 'EUR', units: 200_000 };
  assert.deepEqual(assessRisk(large, calm).signals, ['LARGE_AMOUNT']);
  assert.equal(assessRisk(large, calm).level, 'RISK_LEVEL_MEDIUM');
  assert.equal(assessRisk(large, { charged: 0, declined: 3 }).level, 'RISK_LEVEL_HIGH');
});

test('amounts are weighed in the major unit of their currency', () => {
  assert.deepEqual(assessRisk({ currencyCode: 'JPY', units: 1_999 }, calm).signals, []);
  assert.deepEqual(assessRisk({ currencyCode: 'JPY', units: 2_000 }, calm).signals, ['LARGE_AMOUNT']);
  assert.deepEqual(assessRisk({ currencyCode: 'KWD', units: 1_999_999 }, calm).signals, []);
});

test('neither many orders nor one very large order is declined', () => {
  assert.notEqual(
    assessRisk({ currencyCode: 'EUR', units: 1_000 }, { charged: 100, declined: 0 }).level,
    'RISK_LEVEL_HIGH',
  );
  assert.notEqual(assessRisk({ currencyCode: 'EUR', units: 1e12 }, calm).level, 'RISK_LEVEL_HIGH');
});

test('the score stays between 0 and 100, and never falls as the history gets worse', () => {
  const recent = fc.record({ charged: fc.nat(100), declined: fc.nat(100) });
  fc.assert(
    fc.property(fc.nat(1e12), recent, recent, (units, a, b) => {
      const amount = { currencyCode: 'EUR', units };
      const worse = { charged: a.charged + b.charged, declined: a.declined + b.declined };
      const before = assessRisk(amount, a).score;
      const after = assessRisk(amount, worse).score;
      assert.ok(before >= 0 && before <= after && after <= 100);
    }),
  );
});
