import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { istio, PLATFORM } from '../../../mesh/rules/testing/manifests.ts';
import { checkLive } from '../../../mesh/testing/live-table.ts';
import { type MeshRow, rowName } from '../../../mesh/testing/mesh-table.ts';
import { LiveMesh } from './live-mesh.ts';

const RULES = [
  ...PLATFORM,
  istio(
    'VirtualService',
    'payment',
    'hosts: [payment]\nhttp:\n- match: [{ headers: { x-fault: {} } }]\n  fault: { abort: { grpcStatus: ABORTED, percentage: { value: 100 } } }\n  route: [{ destination: { host: payment } }]\n- route:\n  - { destination: { host: payment, subset: v1 }, weight: 70 }\n  - { destination: { host: payment, subset: v2 }, weight: 30 }',
  ),
  istio(
    'AuthorizationPolicy',
    'payment',
    'selector: { matchLabels: { app: payment } }\nrules: [{ from: [{ source: { serviceAccounts: [checkout] } }] }]',
  ),
];
const ROWS: readonly MeshRow[] = [
  {
    from: 'checkout',
    to: 'payment',
    method: '/test.v1.Echo/Unary',
    expect: { allowed: true, shares: { v1: 70, v2: 30 } },
  },
  { from: 'catalog', to: 'payment', method: '/test.v1.Echo/Unary', expect: { allowed: false } },
  {
    from: 'checkout',
    to: 'payment',
    method: '/test.v1.Echo/Unary',
    headers: { 'x-fault': 'yes' },
    expect: { answered: 'ABORTED' },
  },
];

describe('a table on live traffic', () => {
  let live: LiveMesh;
  before(async () => {
    live = await LiveMesh.start({ manifests: RULES });
  });
  after(() => live.close());
  for (const row of ROWS) it(rowName(row), () => checkLive(live.mesh, row));
  it('fails when traffic is not as the row says', async () => {
    await assert.rejects(
      checkLive(live.mesh, {
        from: 'checkout',
        to: 'payment',
        method: '/test.v1.Echo/Unary',
        expect: { shares: { v1: 0, v2: 100 } },
      }),
      /v1 got \d+ of 200 calls, expected 0 %/,
    );
  });
});
