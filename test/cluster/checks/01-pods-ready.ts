// Every pod is Ready with its sidecar and was never restarted, and meets Pod Security "restricted", enforced.
import assert from 'node:assert/strict';
import { isReady, type KubeObject, restarts } from '../access/cluster.ts';
import { cniInjector } from '../access/cni-injection.ts';
import { finish, run } from '../access/command.ts';
import { containersOf } from '../access/workloads.ts';
import { awaitReady } from '../deploy/deployment.ts';
import type { Check, Stage } from '../stage.ts';

/** Containers that Pod Security objects to when it judges a pod as it would be created; none when it is accepted. */
async function objections(namespace: string, pod: object): Promise<readonly string[]> {
  const create = ['--namespace', namespace, 'create', '--dry-run=server', '--filename', '-'];
  const { code, stderr } = await finish('kubectl', create, { input: JSON.stringify(pod) });
  if (code === 0) return [];
  assert.match(stderr, /violates PodSecurity "restricted/, stderr);
  const named = [...stderr.matchAll(/containers? ((?:"[^"]+"(?:, )?)+)/g)].flatMap(
    ([, names]) => names?.match(/[^",\s]+/g) ?? [],
  );
  return named.length === 0 ? [stderr.trim()] : [...new Set(named)];
}

function podOf({ metadata, spec }: KubeObject, injected: boolean): object {
  const { labels, annotations } = spec.template.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: metadata.name,
      annotations,
      labels: { ...labels, 'sidecar.istio.io/inject': String(injected) },
    },
    spec: { ...spec.template.spec, serviceAccountName: 'default' },
  };
}

/**
 * Has the API server judge each pod in a namespace that enforces "restricted": the template alone, and with the sidecar. Where
 * there is no Istio CNI plugin istiod adds an init container that needs NET_ADMIN: then it is the only one that may
 * be objected to, and the pod with the sidecar is judged as it is injected where there is a plugin. Where there is one, the
 * platform's namespace enforces "restricted" from here on.
 */
async function restricted({ cluster, deployment, tell }: Stage): Promise<void> {
  const enforce = 'pod-security.kubernetes.io/enforce=restricted';
  const name = `${cluster.namespace}-restricted`;
  await run('kubectl', ['create', 'namespace', name]);
  try {
    await run('kubectl', ['label', 'namespace', name, enforce]);
    await run('kubectl', ['--namespace', name, 'wait', '--for=create', 'serviceaccount/default', '--timeout=60s']);
    const workloads = [...(await cluster.list('deployments')), ...(await cluster.list('statefulsets'))];
    const inject = await cniInjector();
    let withInit = 0;
    for (const workload of workloads) {
      assert.deepEqual(await objections(name, podOf(workload, false)), [], `${workload.metadata.name} is restricted`);
      const injected = await objections(name, podOf(workload, true));
      if (injected.length === 0) continue;
      withInit++;
      assert.deepEqual(injected, ['istio-init'], `of ${workload.metadata.name} only Istio's init container is not`);
      if (inject === undefined) continue;
      const pod = await inject(podOf(workload, true));
      assert.deepEqual(await objections(name, pod), [], `${workload.metadata.name} is, as the CNI plugin has it`);
    }
    tell(`${workloads.length} pod templates accepted where "restricted" is enforced`);
    if (withInit === 0) {
      await run('kubectl', ['label', '--overwrite', 'namespace', cluster.namespace, enforce]);
      await cluster.kubectl(['rollout', 'restart', 'deployment']);
      await awaitReady(deployment);
      tell(
        `and so are all with their sidecars: namespace ${cluster.namespace} enforces it, and the pods of every service were made anew`,
      );
    } else
      tell(
        `with sidecars ${withInit} have Istio's init container, which is refused; as injected for the CNI plugin ` +
          (inject === undefined ? 'they were not judged, since there is no istioctl on PATH' : 'all are accepted'),
      );
  } finally {
    await run('kubectl', ['delete', 'namespace', name, '--wait=false']);
  }
}

export default {
  number: 1,
  name: 'every pod is Ready with its sidecar, without a restart, and restricted',
  short: true,
  run: async (stage) => {
    const pods = (await stage.cluster.pods()).filter(
      (pod) => pod.metadata.labels?.app !== undefined && pod.status?.phase !== 'Succeeded',
    );
    for (const pod of pods) {
      const { name } = pod.metadata;
      assert.ok(isReady(pod), `${name} is ready`);
      assert.ok(containersOf(pod).includes('istio-proxy'), `${name} has a sidecar`);
      assert.equal(restarts(pod), 0, `${name} was never restarted`);
    }
    stage.tell(`${pods.length} pods are ready, with sidecars, never restarted`);
    await restricted(stage);
  },
} satisfies Check;
