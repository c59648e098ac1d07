import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type MeshRow, meshTable, rowName } from './mesh-table.ts';

const shop = await meshTable(fileURLToPath(new URL('./fixtures/shop', import.meta.url)));

const ROWS: readonly MeshRow[] = [
  {
    from: 'checkout',
    to: 'payment',
    method: 'Charge',
    expect: { allowed: true, shares: { v1: 90, v2: 10 }, attempts: 1, timeout: '2s', fault: 'none' },
  },
  {
    from: 'checkout',
    to: 'payment',
    method: 'Charge',
    headers: { 'x-version': 'v2' },
    expect: { shares: { v2: 100 } },
  },
  {
    from: 'checkout',
    to: 'payment',
    method: 'GetStatus',
    expect: { attempts: 3, perTryTimeout: '400ms', retryOn: ['unavailable'], timeout: '1s' },
  },
  { from: 'checkout', to: 'payment', method: '/shop.v1.PaymentService/Refund', expect: { allowed: false } },
  { from: 'payment', to: 'payment', method: 'Charge', expect: { allowed: false } },
  { from: 'checkout', to: 'payment', method: 'Charge', plaintext: true, expect: { allowed: false } },
  { from: 'checkout', to: 'checkout', method: '/a/B', expect: { allowed: false, attempts: 3 } },
  { from: 'checkout', to: 'payment', method: 'Charge', port: 22, expect: { answered: 'UNAVAILABLE', allowed: false } },
];

describe('a table of calls', () => {
  for (const row of ROWS) it(rowName(row), () => shop.check(row));

  it('fails with the call, the field and the rule', () => {
    assert.throws(
      () => shop.check({ from: 'checkout', to: 'payment', method: 'Charge', expect: { attempts: 3 } }),
      /checkout calls payment Charge: attempts is 1, expected 3 \(decided by VirtualService shop\/payment\)/,
    );
  });

  it('says which names there are when one is unknown', () => {
    assert.throws(
      () => shop.predict({ from: 'checkout', to: 'paymnt', method: 'Charge' }),
      /no service named "paymnt". Known: checkout, payment/,
    );
    assert.throws(
      () => shop.predict({ from: 'checkout', to: 'payment', method: 'Chrge' }),
      /Known: .*\/shop\.v1\.PaymentService\/Charge/,
    );
  });
});
