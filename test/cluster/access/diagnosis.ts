// What a failed check leaves for a person: the pods that are not well, their events and the end of their logs.
import { type Cluster, isReady, type KubeObject, restarts } from './cluster.ts';

/** Text about every pod that is not ready or was restarted; one line when all are well. */
export async function diagnose(cluster: Cluster): Promise<string> {
  let pods: readonly KubeObject[];
  try {
    pods = await cluster.pods();
  } catch (error) {
    return `the pods cannot be listed: ${String(error)}`;
  }
  const ill = pods.filter((pod) => !isReady(pod) || restarts(pod) > 0);
  if (ill.length === 0) return `all ${pods.length} pods of ${cluster.namespace} are ready and were never restarted`;
  const parts: string[] = [];
  for (const pod of ill.slice(0, 6)) {
    const name = pod.metadata.name;
    const quietly = (args: readonly string[]): Promise<string> =>
      cluster.kubectl(args).catch((error: unknown) => String(error));
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
