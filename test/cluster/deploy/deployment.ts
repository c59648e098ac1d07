// What is deployed where, and when it is there.
import { type Cluster, isReady, type KubeObject } from '../access/cluster.ts';
import { finish, run } from '../access/command.ts';

/** What is deployed. */
export interface Deployment {
  readonly cluster: Cluster;
  /** Tag of every image. */
  readonly tag: string;
  /** Is told of progress. */
  readonly tell: (line: string) => void;
}

/** True when all pods of a deployment are of its newest template, ready, and no other pod of it is left. */
function settled({ metadata, spec, status }: KubeObject): boolean {
  const wanted = spec.replicas ?? 1;
  return (
    status?.observedGeneration === metadata.generation &&
    [status.replicas, status.updatedReplicas, status.readyReplicas].every((count) => (count ?? 0) === wanted)
  );
}

/** Waits until every pod is Ready, and says how many are, whenever that changes. */
export async function awaitReady({ cluster, tell }: Deployment, timeoutMs = 600_000): Promise<void> {
  let last = '';
  await cluster.until(
    'every deployment has its ready pods',
    async () => {
      const deployments = await cluster.list('deployments');
      const missing = deployments.filter((each) => !settled(each));
      const pods = await cluster.pods();
      const ready = pods.filter(isReady).length;
      const names = missing.map((each) => each.metadata.name).join(', ');
      const line = `${ready} of ${pods.length} pods are ready${missing.length > 0 && missing.length < 6 ? `; waiting for ${names}` : ''}`;
      if (line !== last) tell(line);
      last = line;
      return deployments.length > 0 && missing.length === 0 ? true : undefined;
    },
    timeoutMs,
    2000,
  );
}

/** Deletes the release and the namespace, and waits until it is gone. */
export async function removeAll({ namespace }: Cluster): Promise<void> {
  await finish('helm', ['uninstall', 'fairlead', '--namespace', namespace, '--ignore-not-found'], {
    timeoutMs: 180_000,
  });
  await run('kubectl', ['delete', 'namespace', namespace, '--ignore-not-found', '--timeout', '240s'], {
    timeoutMs: 250_000,
  });
}
