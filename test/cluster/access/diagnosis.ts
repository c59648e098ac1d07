// What a failed check leaves for a person: the pods that are not well, their events and the end of their logs.
import { type Cluster, isReady, type KubeObject, restarts } from './cluster.ts';

/** Text about the namespace's last warnings, and about every pod that is not ready or was restarted. */
export async function diagnose(cluster: Cluster): Promise<string> {
  let pods: readonly KubeObject[];
  try {
    pods = await cluster.pods();
  } catch (error) {
    return `the pods cannot be listed: ${String(error)}`;
  }
  const ill = pods.filter((pod) => !isReady(pod) || restarts(pod) > 0);
  const quietly = (args: readonly string[]): Promise<string> =>
    cluster.kubectl(args).catch((error: unknown) => String(error));
  // Autoscalers warn as long as new pods have no figures yet.
  const selector = 'type=Warning,involvedObject.kind!=HorizontalPodAutoscaler';
  const warnings = await quietly(['get', 'events', '--field-selector', selector, '--sort-by', '.lastTimestamp']);
  const parts = [
    `-- ${ill.length} of ${pods.length} pods of ${cluster.namespace} are not ready or were restarted; last warnings:`,
    warnings.trimEnd().split('\n').slice(-12).join('\n'),
  ];
  for (const pod of ill.slice(0, 6)) {
    const name = pod.metadata.name;
    parts.push(
      `-- pod ${name}: ${pod.status?.phase ?? 'unknown'}, ${restarts(pod)} restarts`,
      (
        await quietly([
          'get',
          'events',
          '--field-selector',
          `involvedObject.name=${name}`,
          '--sort-by',
          '.lastTimestamp',
        ])
      ).trimEnd(),
      (await quietly(['logs', name, '--all-containers', '--prefix', '--tail', '25'])).trimEnd(),
    );
  }
  return parts.join('\n');
}
