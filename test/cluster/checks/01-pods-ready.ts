// Every pod is Ready with its sidecar and was never restarted, and meets Pod Security "restricted".
import assert from 'node:assert/strict';
import { isReady, restarts } from '../access/cluster.ts';
import { run } from '../access/command.ts';
import { containersOf } from '../access/workloads.ts';
import type { Check, Stage } from '../stage.ts';

/**
 * Has the API server judge each pod template in a namespace that enforces "restricted". The templates are judged
 * without injection, because the init container that istiod adds where there is no CNI plugin needs NET_ADMIN.
 */
async function restricted({ cluster }: Stage): Promise<number> {
  const name = `${cluster.namespace}-restricted`;
  await run('kubectl', ['create', 'namespace', name]);
  try {
    await run('kubectl', ['label', 'namespace', name, 'pod-security.kubernetes.io/enforce=restricted']);
    const deployments = await cluster.list('deployments');
    for (const { metadata, spec } of deployments) {
      const pod = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: metadata.name, labels: { 'sidecar.istio.io/inject': 'false' } },
        spec: { ...spec.template.spec, serviceAccountName: 'default' },
      };
      await run('kubectl', ['--namespace', name, 'create', '--dry-run=server', '--filename', '-'], {
        input: JSON.stringify(pod),
      });
    }
    return deployments.length;
  } finally {
    await run('kubectl', ['delete', 'namespace', name, '--wait=false']);
  }
}

export default {
  number: 1,
  name: 'every pod is Ready with its sidecar, without a restart, and restricted',
  run: async (stage) => {
    const pods = (await stage.cluster.pods()).filter(
      (pod) => pod.metadata.labels?.app !== undefined && pod.status?.phase !== 'Succeeded',
    );
    for (const pod of pods) {
      const { name } = pod.metadata;
      assert.ok(isReady(pod), `${name} is ready`);
      assert.ok(
        pod.metadata.labels?.app === 'postgres' || containersOf(pod).includes('istio-proxy'),
        `${name} has a sidecar`,
      );
      assert.equal(restarts(pod), 0, `${name} was never restarted`);
    }
    const judged = await restricted(stage);
    stage.tell(`${pods.length} pods ready; ${judged} pod templates accepted where "restricted" is enforced`);
  },
} satisfies Check;
