// Runs scenarios on the cluster that KUBECONFIG names: one namespace, pods that all scenarios share, a host a scenario.
// Scenarios whose rules select a workload take turns at servers of their own; the others are in force all together.
import { Cluster, isReady, type KubeObject } from '../../../cluster/access/cluster.ts';
import { finish } from '../../../cluster/access/command.ts';
import type { Arrivals, MeshDriver, Protocol, RunningScenario, Scenario } from '../../scenario.ts';
import { EDGE_HOST, instanceOf, type Names, named, namedRequest } from '../cast.ts';
import { EDGE_MARKED, edgeMarker, edgeMarkerHost, INGRESS, ingressTarget } from './edge.ts';
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
const OUTSIDE = 'outsider-v1';
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** What is read of a container that does not run. */
interface Waiting {
  readonly image: string;
  readonly state: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
}

/** What the cluster says of an image that it has tried to have and has not got. */
function missingImage(pods: readonly KubeObject[]): string | undefined {
  for (const { status } of pods)
    for (const { image, state } of (status?.containerStatuses ?? []) as readonly Waiting[])
      if (state.waiting?.reason === 'ImagePullBackOff') return `no image ${image}: ${state.waiting.message ?? ''}`;
  return undefined;
}

export class ClusterDriver implements MeshDriver {
  readonly name = 'cluster';
  readonly #cluster: Cluster;
  readonly #options: ClusterOptions;
  readonly #pods: readonly Pod[];
  /** Scenarios that are called from outside. */
  readonly #edge: ReadonlySet<Scenario>;
  readonly #hosts: ReadonlyMap<Scenario, string>;
  readonly #free: string[];
  readonly #queue: ((slot: string) => void)[] = [];
  readonly #lines = new Map<string, PodLine>();
  readonly #current = new Map<string, string>();
  #marks = 0;
  /** Address of the pod from which requests from outside come. */
  #outside = '';

  private constructor(options: ClusterOptions) {
    const slots = slotNames(options.scenarios.some((each) => each.alone === true) ? (options.slots ?? 4) : 0);
    this.#cluster = new Cluster(`parity-${Date.now().toString(36)}`);
    this.#options = options;
    this.#free = [...slots];
    this.#pods = podsFor(slots);
    const outside = (scenario: Scenario): boolean =>
      scenario.steps.some((step) => 'request' in step || step.call.from === 'outside');
    this.#edge = new Set(options.scenarios.filter(outside));
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
    const hosts = new Map<string, Protocol>(
      [SHARED, ...this.#free].map((name): [string, Protocol] => [`marker-${name}`, 'grpc']),
    );
    for (const [scenario, host] of this.#hosts) hosts.set(host, scenario.protocol ?? 'grpc');
    const edge = this.#edge.size > 0;
    await this.#create(platform(this.#pods, hosts, namespace, image, edge));
    tell(`${this.#pods.length} pods${edge ? ' and an ingress gateway' : ''} in namespace ${namespace}`);
    await this.#connect();
    tell(`pods are ready after ${seconds()}`);
    await this.#endpoints();
    await this.#apply([...this.#hosts].map(([scenario, host]) => this.#named(scenario, host)));
    await this.#marked(SHARED, ['client', 'stranger']);
    if (edge) await this.#edgeMarked(SHARED);
    tell(`rules are in force after ${seconds()}`);
  }

  async #connect(): Promise<void> {
    let last = -1;
    const all = this.#pods.length + (this.#edge.size > 0 ? 1 : 0);
    const missing = await this.#cluster.until(
      'every pod is ready',
      async () => {
        const pods = await this.#cluster.pods();
        const ready = pods.filter(isReady).length;
        if (ready !== last) this.#options.tell(`${ready} of ${all} pods are ready`);
        last = ready;
        this.#outside = pods.find((each) => each.metadata.labels?.app === 'outsider')?.status?.podIP ?? '';
        return ready >= all ? '' : missingImage(pods);
      },
      START_MS,
    );
    if (missing !== '')
      throw new Error(`${missing}. Build and load the image, or name another one in FAIRLEAD_PARITY_IMAGE.`);
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
      const gateway = this.#edge.size > 0 ? [INGRESS] : [];
      const single = ['shadow', ...gateway, ...this.#free].every((host) => ready.get(host) === 1);
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
      const fromOutside = this.#edge.has(scenario);
      if (fromOutside) await this.#edgeMarked(slot);
      // Connections that were made under other rules close after their next answer.
      const running = this.#running(slot, new Map(), release);
      for (let round = 0; round < 3; round++)
        await Promise.all([
          ...(['client', 'stranger'] as const).map((from) => running.call({ from }, 'flush')),
          ...(fromOutside ? [running.request({}, 'flush')] : []),
        ]);
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
    const names = this.#names(host);
    const ingress = ingressTarget(this.#cluster.namespace);
    return {
      call: (call, step) => {
        if (call.from === 'outside')
          return this.#line(OUTSIDE).calls({ target: ingress, call, step, authority: named(EDGE_HOST, names) });
        const target = this.#target(call.to === 'shadow' ? 'shadow' : host);
        return this.#line(`${call.from}-v1`).calls({ target, call, step });
      },
      request: (request, step) =>
        this.#line(OUTSIDE).requests({ target: ingress, request: namedRequest(request, names), step }),
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

  #names(server: string): Names {
    const { namespace } = this.#cluster;
    return { namespace, server, gateways: namespace, outside: this.#outside };
  }

  #named(scenario: Scenario, host: string): string {
    return named(scenario.rules, this.#names(host));
  }

  async #apply(rules: readonly string[], slot = SHARED): Promise<void> {
    const value = `m${++this.#marks}`;
    const marks = [marker(slot, value), ...(this.#edge.size > 0 ? [edgeMarker(slot, value)] : [])];
    this.#current.set(slot, value);
    const texts = [...rules.filter((each) => each !== ''), ...marks.map((each) => named(each, this.#names('')))];
    try {
      if (slot === SHARED) await this.#create(texts.join('\n---\n'));
      else await this.#cluster.apply(texts.join('\n---\n'));
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      const refused = [...this.#hosts].filter(([, host]) => text.includes(`"${host}"`)).map(([each]) => each.name);
      throw new Error(`the cluster refuses rules${refused.length > 0 ? ` of '${refused.join("', '")}'` : ''}: ${text}`);
    }
  }

  /** Nothing is there yet, and kubectl asks the API server so often a second: creating asks half as often as applying. */
  async #create(yaml: string): Promise<void> {
    await this.#cluster.kubectl(['create', '--filename', '-'], { input: yaml });
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
          const [seen] = await line.calls({ target: this.#target(`marker-${slot}`), call, step: 'marker' });
          return seen?.code === MARKED ? true : undefined;
        },
        RULES_MS,
      );
    }
  }

  /** The same for the ingress gateway. */
  async #edgeMarked(slot: string): Promise<void> {
    const headers = { 'x-marker': this.#current.get(slot) ?? '' };
    const request = { host: edgeMarkerHost(slot), headers };
    const target = ingressTarget(this.#cluster.namespace);
    await this.#cluster.until(
      'the ingress gateway has the rules',
      async () => {
        const [seen] = await this.#line(OUTSIDE).requests({ target, request, step: 'marker' });
        return seen?.code === EDGE_MARKED ? true : undefined;
      },
      RULES_MS,
    );
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
