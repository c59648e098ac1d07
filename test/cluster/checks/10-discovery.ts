// Discovery: pods that are added get traffic within ten seconds of being ready, and the gateway's registry shows what the
// Kubernetes API says.
import assert from 'node:assert/strict';
import { isReady } from '../access/cluster.ts';
import { startLoad } from '../access/load.ts';
import { scale } from '../access/workloads.ts';
import type { Check } from '../stage.ts';

const withinMs = 10_000;

export default {
  number: 10,
  name: 'discovery: new pods get traffic, the registry shows the pods',
  run: async ({ cluster, api, tell }) => {
    const load = startLoad(30, async () => {
      await api.call('GET', '/api/v2/products?pageSize=1');
    });
    try {
      await scale(cluster, 'catalog-v1', 2);
      const pods = (await cluster.pods('app=catalog')).filter(isReady);
      assert.equal(pods.length, 2);
      await cluster.until(
        'both pods are called',
        async () => {
          const counts = await Promise.all(
            pods.map((pod) =>
              cluster.node(
                pod.metadata.name,
                'catalog',
                "const text = await (await fetch('http://127.0.0.1:9090/metrics')).text(); const line = text.split('\\n').find((each) => each.startsWith('rpc_server_call_duration_seconds_count') && each.includes('ListProducts')); process.stdout.write(line?.split(' ').at(-1) ?? '0')",
              ),
            ),
          );
          return counts.every((count) => Number(count) > 0) ? true : undefined;
        },
        withinMs,
      );
      const registry = JSON.stringify(await api.call('GET', '/api/v2/services/registry'));
      for (const pod of pods)
        assert.ok(
          registry.includes(pod.status.podIP),
          `the registry shows ${pod.metadata.name} at ${pod.status.podIP}`,
        );
      tell('the new pod was called at once, and the registry shows both');
    } finally {
      const { failed, examples } = await load.stop();
      await scale(cluster, 'catalog-v1', 1);
      assert.equal(failed, 0, examples.join('; '));
    }
  },
} satisfies Check;
