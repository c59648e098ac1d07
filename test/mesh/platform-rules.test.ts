// Fairlead's own rules, from the manifests that are deployed: asked, not started.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type MeshRow, meshTable, type RequestRow, requestName, rowName } from '../../mesh/index.ts';
import { peerRequirement } from '../../mesh/rules/index.ts';

const infra = await meshTable(fileURLToPath(new URL('../../infra', import.meta.url)));

const ROWS: readonly MeshRow[] = [
  // A card is charged once, whatever happens on the way.
  { from: 'order', to: 'payment', method: 'Charge', expect: { allowed: true, attempts: 1, fault: 'none' } },
  {
    from: 'order',
    to: 'payment',
    method: 'Charge',
    headers: { 'x-version': 'v2' },
    expect: { shares: { v2: 100 }, attempts: 1 },
  },
  // Nobody else charges cards: the gateway cannot even see the service.
  { from: 'gateway', to: 'payment', method: 'Charge', expect: { allowed: false } },
  { from: 'catalog', to: 'payment', method: 'Charge', expect: { allowed: false } },
  { from: 'order', to: 'payment', method: 'Charge', plaintext: true, expect: { allowed: false } },
];

const REQUESTS: readonly RequestRow[] = [
  // What changes something is sent once; what reads is sent again only where it certainly did not arrive.
  {
    path: '/api/v2/orders',
    httpMethod: 'POST',
    expect: { allowed: true, shares: { v1: 100 }, attempts: 1, timeout: '60s', fault: 'none' },
  },
  {
    path: '/api/v2/products',
    expect: { allowed: true, attempts: 3, retryOn: ['connect-failure', 'refused-stream'], timeout: 'none' },
  },
  { path: '/api/v2/orders', headers: { 'x-user-type': 'premium' }, expect: { allowed: true, shares: { v1: 100 } } },
  // Metrics are for Prometheus, on another port.
  { path: '/metrics', expect: { allowed: false } },
  { path: '/%6detrics', expect: { allowed: false } },
  { path: '/a/../metrics', expect: { allowed: false } },
];

describe("Fairlead's own rules", () => {
  for (const row of ROWS) it(rowName(row), () => infra.check(row));
  for (const row of REQUESTS) it(requestName(row), () => infra.checkRequest(row));

  it('let nobody but the ingress gateway into the edge', () => {
    for (const { name, labels } of infra.rules.workloads) {
      if (labels.get('app') === 'gateway') continue;
      const { allowed } = infra.predict({ from: name, to: 'gateway', method: '/api/v2/orders' });
      assert.equal(allowed, false, name);
    }
  });

  it('are valid, and nothing of them is left out in silence', () => {
    assert.ok(infra.rules.objects('VirtualService').length >= 11);
    assert.ok(infra.rules.coverage.every((each) => each.status === 'applied' || (each.why ?? '') !== ''));
  });

  it('never retry a call by default: every route says how often', () => {
    for (const { name, spec } of infra.rules.objects('VirtualService'))
      for (const route of spec.http ?? [])
        assert.ok(route.retries !== undefined || route.route === undefined, `${name} ${route.name ?? ''}`);
  });

  it('let every service be called with mTLS alone', () => {
    const services = infra.rules.workloads.filter((each) => each.namespace === 'fairlead' && each.ports.has('grpc'));
    assert.ok(services.length >= 11);
    for (const each of services) {
      const { mode } = peerRequirement(infra.rules, each, each.ports.get('grpc') ?? 0);
      assert.equal(mode, 'STRICT', each.name);
    }
  });
});
