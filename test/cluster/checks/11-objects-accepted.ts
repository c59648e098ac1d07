// HPA, PDB and NetworkPolicy objects work, and the edges that the network policies open equal the declared ones.
import assert from 'node:assert/strict';
import type { Check } from '../stage.ts';

interface Rule {
  readonly from?: readonly { readonly podSelector?: { readonly matchLabels?: Readonly<Record<string, string>> } }[];
  readonly ports?: readonly { readonly port: number }[];
}

export default {
  number: 11,
  name: 'autoscalers, disruption budgets and network policies',
  run: async ({ cluster, edges, tell }) => {
    const scalers = await cluster.list('horizontalpodautoscalers');
    assert.ok(scalers.length > 0);
    for (const { metadata, status } of scalers) {
      const able = (status?.conditions ?? []).find((each: { type: string }) => each.type === 'AbleToScale');
      assert.equal(able?.status, 'True', `the autoscaler ${metadata.name} can scale: ${able?.message}`);
    }
    const budgets = await cluster.list('poddisruptionbudgets');
    assert.ok(budgets.length > 0);
    for (const { metadata, status } of budgets)
      assert.ok(status?.expectedPods > 0, `the budget ${metadata.name} finds its pods`);

    const opened = new Set<string>();
    for (const { metadata, spec } of await cluster.list('networkpolicies')) {
      for (const rule of (spec?.ingress ?? []) as readonly Rule[]) {
        if (!rule.ports?.some((port) => port.port === 50051)) continue;
        for (const peer of rule.from ?? []) {
          if (peer.podSelector?.matchLabels?.app !== undefined)
            opened.add(`${peer.podSelector.matchLabels.app} -> ${metadata.name}`);
        }
      }
    }
    assert.deepEqual([...opened].sort(), [...new Set(edges.map((edge) => `${edge.from} -> ${edge.to}`))].sort());
    tell(`${scalers.length} autoscalers, ${budgets.length} budgets, ${opened.size} edges as declared`);
  },
} satisfies Check;
