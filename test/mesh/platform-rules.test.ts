// Fairlead's own rules, from the manifests that are deployed: asked, not started.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type MeshRow, meshTable, rowName } from '../../mesh/index.ts';
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

describe("Fairlead's own rules", () => {
  for (const row of ROWS) it(rowName(row), () => infra.check(row));

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
