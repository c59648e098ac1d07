// Small questions that several checks ask about a service's pods.
import { type Cluster, isReady, type KubeObject } from './cluster.ts';

/** The name by which services dial each other. */
export const hostOf = (cluster: Cluster, service: string): string =>
  `${service}.${cluster.namespace}.svc.cluster.local:50051`;

/** A ready pod of a service. @throws Error when there is none */
export async function podOf(cluster: Cluster, service: string, version = 'v1'): Promise<string> {
  const pods = await cluster.pods(`app=${service},version=${version}`);
  const pod = pods.find(isReady);
  if (pod === undefined) throw new Error(`${service} ${version} has no ready pod`);
  return pod.metadata.name;
}

/** Sum of a counter over all pods of a service, ready or not, from `/metrics`, of the samples whose labels hold `labels`. */
export async function metricSum(
  cluster: Cluster,
  service: string,
  metric: string,
  labels: Readonly<Record<string, string>>,
): Promise<number> {
  let sum = 0;
  for (const pod of await cluster.pods(`app=${service}`)) {
    const text = await cluster.node(
      pod.metadata.name,
      service,
      "process.stdout.write(await (await fetch('http://127.0.0.1:9090/metrics')).text())",
    );
    for (const line of text.split('\n')) {
      if (!line.startsWith(`${metric}{`)) continue;
      if (Object.entries(labels).every(([name, value]) => line.includes(`${name}="${value}"`))) {
        sum += Number(line.slice(line.lastIndexOf(' ') + 1));
      }
    }
  }
  return sum;
}

/** What a pod's sidecar answers on its admin interface. */
export function sidecar(cluster: Cluster, pod: string, path: string): Promise<string> {
  return cluster.kubectl(['exec', pod, '--container', 'istio-proxy', '--', 'pilot-agent', 'request', 'GET', path]);
}

/**
 * Sets the number of pods of a deployment and waits until they are ready. Its autoscaler is held at the same number: it
 * would go back to what it last thought right.
 */
export async function scale(cluster: Cluster, deployment: string, replicas: number): Promise<void> {
  const bounds = JSON.stringify({ spec: { minReplicas: replicas, maxReplicas: replicas } });
  await cluster.kubectl(['patch', 'horizontalpodautoscaler', deployment, '--patch', bounds]);
  await cluster.kubectl(['scale', `deployment/${deployment}`, `--replicas=${replicas}`]);
  await rolledOut(cluster, deployment);
}

/** Waits until a deployment has rolled out. */
export async function rolledOut(cluster: Cluster, deployment: string): Promise<void> {
  await cluster.kubectl(['rollout', 'status', `deployment/${deployment}`, '--timeout=300s'], { timeoutMs: 310_000 });
}

/** Containers of a pod, native sidecars included. */
export function containersOf(pod: KubeObject): readonly string[] {
  const all = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])] as readonly { name: string }[];
  return all.map((container) => container.name);
}
