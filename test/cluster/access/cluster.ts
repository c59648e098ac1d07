// The cluster that KUBECONFIG names, through kubectl: the tests need nothing that its users do not have.
import { finish, type RunOptions, run } from './command.ts';

/** A Kubernetes object as kubectl prints it, with what the tests read. */
export interface KubeObject {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
    readonly generation?: number;
  };
  // biome-ignore lint/suspicious/noExplicitAny: the shape differs by kind, and each test reads a few fields of one kind.
  readonly spec?: any;
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  readonly status?: any;
}

/** One namespace of the cluster. */
export class Cluster {
  readonly namespace: string;

  constructor(namespace: string) {
    this.namespace = namespace;
  }

  /** kubectl in the namespace. */
  kubectl(args: readonly string[], options?: RunOptions): Promise<string> {
    return run('kubectl', ['--namespace', this.namespace, ...args], options);
  }

  /** One object, or undefined where there is none. */
  async get(kind: string, name: string): Promise<KubeObject | undefined> {
    const text = await this.kubectl(['get', kind, name, '--ignore-not-found', '--output', 'json']);
    return text.trim() === '' ? undefined : (JSON.parse(text) as KubeObject);
  }

  /** All objects of a kind, by label where one is given. */
  async list(kind: string, selector?: string): Promise<readonly KubeObject[]> {
    const args = ['get', kind, '--output', 'json', ...(selector === undefined ? [] : ['--selector', selector])];
    return (JSON.parse(await this.kubectl(args)) as { items: KubeObject[] }).items;
  }

  /** Pods that are not being deleted. */
  async pods(selector?: string): Promise<readonly KubeObject[]> {
    return (await this.list('pods', selector)).filter((pod) => pod.metadata.deletionTimestamp === undefined);
  }

  /** Writes objects as `kubectl apply` does. */
  apply(yaml: string): Promise<string> {
    return this.kubectl(['apply', '--filename', '-'], { input: yaml });
  }

  /**
   * Runs a Node program in a pod's container and gives what it printed.
   *
   * @param program source of an ES module
   */
  async node(
    pod: string,
    container: string,
    program: string,
    args: readonly string[] = [],
    timeoutMs = 120_000,
  ): Promise<string> {
    const done = await finish(
      'kubectl',
      [
        '--namespace',
        this.namespace,
        'exec',
        '--stdin',
        pod,
        '--container',
        container,
        '--',
        'node',
        '--input-type=module',
        '-',
        ...args,
      ],
      { input: program, timeoutMs },
    );
    if (done.code !== 0)
      throw new Error(`a program in pod ${pod} ended with ${done.code}: ${done.stderr.trim() || done.stdout.trim()}`);
    return done.stdout;
  }

  /** Waits until `probe` gives a value, and says what it waits for. @throws Error naming the last state when time is up */
  async until<T>(what: string, probe: () => Promise<T | undefined>, timeoutMs = 120_000, pauseMs = 500): Promise<T> {
    const end = performance.now() + timeoutMs;
    let last: unknown;
    for (;;) {
      try {
        const value = await probe();
        if (value !== undefined) return value;
        last = undefined;
      } catch (error) {
        last = error;
      }
      if (performance.now() > end)
        throw new Error(`${what}: not after ${Math.round(timeoutMs / 1000)} s`, { cause: last });
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

/** True when all containers of a pod are ready. */
export function isReady(pod: KubeObject): boolean {
  const conditions = (pod.status?.conditions ?? []) as readonly { type: string; status: string }[];
  return conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True');
}

/** Restarts of all containers of a pod, native sidecars included. */
export function restarts(pod: KubeObject): number {
  const statuses = [
    ...(pod.status?.containerStatuses ?? []),
    ...(pod.status?.initContainerStatuses ?? []),
  ] as readonly {
    restartCount: number;
  }[];
  return statuses.reduce((sum, each) => sum + each.restartCount, 0);
}
