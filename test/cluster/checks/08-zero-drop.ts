// Nothing is dropped: a rolling update, scaling to three and back, and a deleted pod, under constant load.
import assert from 'node:assert/strict';
import { isReady } from '../access/cluster.ts';
import { startLoad } from '../access/load.ts';
import { rolledOut, scale } from '../access/workloads.ts';
import type { Check } from '../stage.ts';

const perSecond = 50;
const least = 5000;

export default {
  number: 8,
  name: 'zero drops: rolling update, scaling, a deleted pod, under load',
  run: async ({ cluster, api, tell }) => {
    const load = startLoad(perSecond, async () => {
      await api.call('GET', '/api/v2/products?pageSize=2');
    });
    try {
      for (const service of ['catalog', 'gateway']) {
        await cluster.kubectl(['rollout', 'restart', `deployment/${service}-v1`]);
        await rolledOut(cluster, `${service}-v1`);
        tell(`${service} was replaced; ${load.sent()} requests so far`);
      }
      await scale(cluster, 'catalog-v1', 3);
      const [pod] = (await cluster.pods('app=catalog')).filter(isReady);
      assert.ok(pod);
      await cluster.kubectl(['delete', 'pod', pod.metadata.name, '--wait=false']);
      await rolledOut(cluster, 'catalog-v1');
      tell(`catalog was scaled to 3 and lost a pod; ${load.sent()} requests so far`);
      await scale(cluster, 'catalog-v1', 1);
      await cluster.until('the pods that were taken away are gone', async () =>
        (await cluster.list('pods', 'app=catalog')).length === 1 ? true : undefined,
      );
      await cluster.until(
        `${least} requests were sent`,
        async () => (load.sent() >= least ? true : undefined),
        300_000,
      );
    } finally {
      const { examples, failed, sent, text } = await load.stop();
      tell(text);
      assert.deepEqual(examples, [], `${failed} of ${sent} requests failed`);
      assert.ok(sent >= least, `${sent} requests were sent`);
    }
  },
} satisfies Check;
