// The three ways of deploying that users have: Helm, kubectl apply, Skaffold. Each ends when every pod is Ready.
// FAIRLEAD_HELM_ARGS adds what a cluster needs beyond the defaults, for example an image of PostgreSQL that it can pull.
import { fileURLToPath } from 'node:url';
import { type Cluster, isReady } from './cluster.ts';
import { finish, run } from './command.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** How the platform gets into the cluster. */
export type Way = 'helm' | 'kubectl' | 'skaffold';

/** What is deployed. */
export interface Deployment {
  readonly cluster: Cluster;
  /** Tag of every image. */
  readonly tag: string;
  /** Is told of progress. */
  readonly tell: (line: string) => void;
}

const extraArguments = (): string[] =>
  (process.env.FAIRLEAD_HELM_ARGS ?? '').split(/\s+/).filter((word) => word !== '');

/** Installs or upgrades the release `fairlead` with values of one's own. */
export async function helmUpgrade(
  { cluster, tag }: Deployment,
  values: Readonly<Record<string, string>> = {},
): Promise<void> {
  const sets = Object.entries({ 'global.image.tag': tag, ...values }).flatMap(([key, value]) => [
    '--set',
    `${key}=${value}`,
  ]);
  await run(
    'helm',
    [
      'upgrade',
      '--install',
      'fairlead',
      'charts/fairlead',
      '--namespace',
      cluster.namespace,
      '--create-namespace',
      ...extraArguments(),
      ...sets,
    ],
    { timeoutMs: 300_000 },
  );
}

/** Labels that a namespace needs before pods come: sidecars, and Pod Security at its strictest. */
export async function prepareNamespace(): Promise<void> {
  await run('kubectl', ['apply', '--filename', `${root}infra/00-namespace.yaml`]);
}

/** Waits until every pod is Ready, and says how many are, whenever that changes. */
export async function awaitReady({ cluster, tell }: Deployment, timeoutMs = 420_000): Promise<void> {
  let last = '';
  await cluster.until(
    'every deployment has its ready pods',
    async () => {
      const deployments = await cluster.list('deployments');
      const missing = deployments.filter(
        (each) =>
          each.status?.observedGeneration !== undefined && (each.status.readyReplicas ?? 0) < (each.spec.replicas ?? 1),
      );
      const pods = await cluster.pods();
      const ready = pods.filter(isReady).length;
      const line = `${ready} of ${pods.length} pods are ready${missing.length > 0 && missing.length < 6 ? `; waiting for ${missing.map((each) => each.metadata.name).join(', ')}` : ''}`;
      if (line !== last) tell(line);
      last = line;
      return deployments.length > 0 && missing.length === 0 ? true : undefined;
    },
    timeoutMs,
  );
}

/** Deletes the release and the namespace, and waits until it is gone. */
export async function removeAll(cluster: Cluster): Promise<void> {
  await finish('helm', ['uninstall', 'fairlead', '--namespace', cluster.namespace, '--ignore-not-found'], {
    timeoutMs: 180_000,
  });
  await finish('kubectl', ['delete', 'namespace', cluster.namespace, '--ignore-not-found', '--timeout', '180s'], {
    timeoutMs: 200_000,
  });
}
