// Runs scenarios on the cluster that KUBECONFIG names: one namespace, pods that all scenarios share, a host a scenario.
// Scenarios whose rules select a workload take turns at servers of their own; the others are in force all together.
import { Cluster, isReady } from '../../../cluster/access/cluster.ts';
import { finish } from '../../../cluster/access/command.ts';
import type { Arrivals, MeshDriver, RunningScenario, Scenario } from '../../scenario.ts';
import { instanceOf, named } from '../cast.ts';
import { deploymentName, MARKED, marker, type Pod, platform, podsFor, slotNames } from './objects.ts';
import { PodLine } from './pod-line.ts';

export interface ClusterOptions {
  readonly scenarios: readonly Scenario[];
  /** Image with Node 24, and grpc-js below /app/node_modules. */
  readonly image: string;
  /** Servers that scenarios can have for themselves. @default 4 */
  readonly slots?: number;
  readonly tell: (line: string) => void;
}

/** What is read of an EndpointSlice of Kubernetes. */
interface EndpointSlice {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly endpoints?: readonly { readonly conditions: { readonly ready?: boolean } }[];
}

const START_MS = 600_000;
const RULES_MS = 120_000;
const SHARED = 'shared';
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export class ClusterDriver implements MeshDriver {
  readonly name = 'cluster';
  readonly #cluster: Cluster;
  readonly #options: ClusterOptions;
  readonly #pods: readonly Pod[];
  readonly #hosts: ReadonlyMap<Scenario, string>;
  readonly #free: string[];
  readonly #queue: ((slot: string) => void)[] = [];
  readonly #lines = new Map<string, PodLine>();
  readonly #current = new Map<string, string>();
  #marks = 0;

  private constructor(options: ClusterOptions) {
    const slots = slotNames(options.scenarios.some((each) => each.alone === true) ? (options.slots ?? 4) : 0);
    this.#cluster = new Cluster(`parity-${Date.now().toString(36)}`);
    this.#options = options;
    this.#free = [...slots];
    this.#pods = podsFor(slots);
    const sharing = options.scenarios.filter((each) => each.alone !== true);
    this.#hosts = new Map(sharing.map((each, index) => [each, `host-${index + 1}`]));
  }

  static async open(options: ClusterOptions): Promise<ClusterDriver> {
    const driver = new ClusterDriver(options);
    try {
      await driver.#begin();
    } catch (error) {
      await driver.close();
      throw error;
    }
    return driver;
  }

  async #begin(): Promise<void> {
    const { tell, image } = this.#options;
    const { namespace } = this.#cluster;
    const started = performance.now();
    const seconds = (): string => `${Math.round((performance.now() - started) / 1000)} s`;
    await this.#cluster.kubectl(['create', 'namespace', namespace]);
    for (const signal of SIGNALS) process.once(signal, this.#interrupted);
    await this.#cluster.kubectl(['label', 'namespace', namespace, 'istio-injection=enabled']);
    const markers = [SHARED, ...this.#free].map((name) => `marker-${name}`);
    await this.#cluster.apply(platform(this.#pods, [...this.#hosts.values(), ...markers], namespace, image));
    tell(`${this.#pods.length} pods in namespace ${namespace}`);
    await this.#connect();
    tell(`pods are ready after ${seconds()}`);
    await this.#endpoints();
    await this.#apply([...this.#hosts].map(([scenario, host]) => this.#named(scenario, host)));
    await this.#marked(SHARED, ['client', 'stranger']);
    tell(`rules are in force after ${seconds()}`);
  }

  async #connect(): Promise<void> {
    let last = -1;
    await this.#cluster.until(
      'every pod is ready',
      async () => {
        const ready = (await this.#cluster.pods()).filter(isReady).length;
        if (ready !== last) this.#options.tell(`${ready} of ${this.#pods.length} pods are ready`);
        last = ready;
        return ready >= this.#pods.length ? true : undefined;
      },
      START_MS,
    );
    for (const pod of this.#pods) {
      const name = deploymentName(pod);
      this.#lines.set(
        pod.app === pod.role ? instanceOf(pod) : pod.app,
        new PodLine(this.#cluster.namespace, `deploy/${name}`),
      );
    }
  }

  /** Waits until every service knows its pods: rules that come after are pushed together with them. */
  async #endpoints(): Promise<void> {
    await this.#cluster.until('every service has its endpoints', async () => {
      const slices = await this.#cluster.list('endpointslices');
      const ready = new Map<string, number>();
      for (const slice of slices) {
        const { metadata, endpoints = [] } = slice as unknown as EndpointSlice;
        const service = metadata.labels['kubernetes.io/service-name'] ?? '';
        const count = endpoints.filter((each) => each.conditions.ready === true).length;
        ready.set(service, (ready.get(service) ?? 0) + count);
      }
      const shared = [...this.#hosts.values(), 'server'].every((host) => ready.get(host) === 2);
      const single = ['shadow', ...this.#free].every((host) => ready.get(host) === 1);
      return shared && single ? true : undefined;
    });
  }

  async start(scenario: Scenario): Promise<RunningScenario> {
    const host = this.#hosts.get(scenario);
    if (host !== undefined) {
      const servers = ['server-v1', 'server-v2', 'shadow-v1'];
      return this.#running(host, new Map(servers.map((each) => [each, each])), async () => {});
    }
    const slot = await this.#take();
    const rules = this.#named(scenario, slot);
    const release = async (): Promise<void> => {
      try {
        if (rules !== '')
          await this.#cluster.kubectl(['delete', '--ignore-not-found', '--filename', '-'], { input: rules });
      } finally {
        this.#give(slot);
      }
    };
    try {
      await this.#apply([rules], slot);
      await this.#marked(slot, ['client', 'stranger', slot]);
      // Connections that were made under other rules close after their next answer.
      const target = this.#target(slot);
      for (let round = 0; round < 3; round++)
        await Promise.all(
          ['client', 'stranger'].map((from) => this.#line(`${from}-v1`).calls(target, { from: 'client' }, 'flush')),
        );
    } catch (error) {
      await release();
      throw error;
    }
    return this.#running(slot, new Map([['server-v1', slot]]), release);
  }

  readonly #interrupted = (): void => void this.close().finally(() => process.exit(130));

  /** Takes the namespace away, and with it everything that was made. */
  async close(): Promise<void> {
    for (const signal of SIGNALS) process.off(signal, this.#interrupted);
    for (const line of this.#lines.values()) line.close();
    const { namespace } = this.#cluster;
    await finish('kubectl', ['delete', 'namespace', namespace, '--ignore-not-found', '--timeout=180s'], {
      timeoutMs: 200_000,
    });
  }

  /** @param lines - instances by what scenarios call them. */
  #running(host: string, lines: ReadonlyMap<string, string>, close: () => Promise<void>): RunningScenario {
    return {
      call: (call, step) =>
        this.#line(`${call.from}-v1`).calls(this.#target(call.to === 'shadow' ? 'shadow' : host), call, step),
      arrivals: async (step) => {
        const counts = [...lines].map(
          async ([instance, line]): Promise<[string, Arrivals]> => [instance, await this.#line(line).arrivals(step)],
        );
        return new Map(await Promise.all(counts));
      },
      close,
    };
  }

  #line(name: string): PodLine {
    const line = this.#lines.get(name);
    if (line === undefined) throw new Error(`no pod for ${name}`);
    return line;
  }

  #target(host: string): string {
    return `${host}.${this.#cluster.namespace}.svc.cluster.local:50051`;
  }

  #named(scenario: Scenario, host: string): string {
    return named(scenario.rules, this.#cluster.namespace, host);
  }

  async #apply(rules: readonly string[], slot = SHARED): Promise<void> {
    const mark = named(marker(slot, `m${++this.#marks}`), this.#cluster.namespace, '');
    this.#current.set(slot, `m${this.#marks}`);
    try {
      await this.#cluster.apply([...rules.filter((each) => each !== ''), mark].join('\n---\n'));
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      const refused = [...this.#hosts].filter(([, host]) => text.includes(`"${host}"`)).map(([each]) => each.name);
      throw new Error(`the cluster refuses rules${refused.length > 0 ? ` of '${refused.join("', '")}'` : ''}: ${text}`);
    }
  }

  /** Waits until the sidecars of these pods follow the slot's marker. */
  async #marked(slot: string, pods: readonly string[]): Promise<void> {
    const value = this.#current.get(slot) ?? '';
    const call = { from: 'client', headers: { 'x-marker': value }, deadlineMs: 5000 } as const;
    for (const pod of pods) {
      const line = this.#line(this.#lines.has(pod) ? pod : `${pod}-v1`);
      await this.#cluster.until(
        `the sidecar of ${pod} has the rules`,
        async () => {
          const [seen] = await line.calls(this.#target(`marker-${slot}`), call, 'marker');
          return seen?.code === MARKED ? true : undefined;
        },
        RULES_MS,
      );
    }
  }

  #take(): Promise<string> {
    const slot = this.#free.shift();
    return slot === undefined ? new Promise((resolve) => this.#queue.push(resolve)) : Promise.resolve(slot);
  }

  #give(slot: string): void {
    const next = this.#queue.shift();
    if (next === undefined) this.#free.push(slot);
    else next(slot);
  }
}
