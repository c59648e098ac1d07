// Discovery: pods that are added get traffic within ten seconds of being ready, and the gateway's registry shows what the
// Kubernetes API says.
import assert from 'node:assert/strict';
import { type Cluster, isReady } from '../access/cluster.ts';
import { startLoad } from '../access/load.ts';
import { podOf, scale, sidecar } from '../access/workloads.ts';
import type { Check, Stage } from '../stage.ts';

const withinMs = 10_000;

/** Calls by address of a pod of catalog, as the gateway's sidecar has counted them. */
async function callsByAddress(cluster: Cluster, gateway: string): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const line of (await sidecar(cluster, gateway, 'clusters')).split('\n')) {
    const [, address, total] = /^outbound\|50051\|v1\|catalog\..*::([\d.]+):50051::rq_total::(\d+)$/.exec(line) ?? [];
    if (address !== undefined) counts.set(address, Number(total));
  }
  return counts;
}

/** When the pod was ready, in milliseconds since the epoch; Kubernetes says it to the second. */
async function readyAt(cluster: Cluster, address: string): Promise<number | undefined> {
  const pod = (await cluster.pods('app=catalog')).find(({ status }) => status?.podIP === address);
  if (pod === undefined || !isReady(pod)) return undefined;
  const conditions = pod.status.conditions as readonly { type: string; lastTransitionTime: string }[];
  return Date.parse(conditions.find(({ type }) => type === 'Ready')?.lastTransitionTime ?? '');
}

/** Waits until an address that was not there is called, and says how long after its pod was ready. */
async function firstCall(cluster: Cluster, gateway: string, before: ReadonlySet<string>): Promise<number> {
  return cluster.until(
    'a pod that was added is called',
    async () => {
      const counts = await callsByAddress(cluster, gateway);
      const seen = Date.now();
      const added = [...counts].find(([address, count]) => !before.has(address) && count > 0);
      const ready = added === undefined ? undefined : await readyAt(cluster, added[0]);
      return ready === undefined ? undefined : Math.max(0, seen - ready);
    },
    240_000,
    250,
  );
}

interface Registered {
  readonly source: string;
  readonly services: readonly {
    readonly name: string;
    readonly endpoints: readonly { readonly address: string; readonly ready: boolean; readonly pod?: string }[];
  }[];
}
interface Slice {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>> };
  readonly endpoints?: readonly {
    readonly addresses: readonly string[];
    readonly conditions: { readonly ready?: boolean };
    readonly targetRef?: { readonly name: string };
  }[];
}

/** The registry's endpoints and those of the Kubernetes API, each as text. */
async function bothRegistries({ cluster, api, edges }: Stage): Promise<readonly [string[], string[]]> {
  const registry = await api.call<Registered>('GET', '/api/v2/services/registry');
  assert.equal(registry.source, 'kubernetes');
  const services = new Set(edges.map(({ to }) => to));
  const shown = registry.services
    .filter(({ name }) => services.has(name))
    .flatMap(({ name, endpoints }) => endpoints.map((each) => `${name} ${each.address} ${each.pod} ${each.ready}`));
  const slices = (await cluster.list('endpointslices')) as unknown as readonly Slice[];
  const said = slices.flatMap(({ metadata, endpoints = [] }) => {
    const name = metadata.labels?.['kubernetes.io/service-name'] ?? '';
    if (!services.has(name)) return [];
    return endpoints.flatMap(({ addresses, conditions, targetRef }) =>
      addresses.map((address) => `${name} ${address}:50051 ${targetRef?.name} ${conditions.ready}`),
    );
  });
  return [shown.sort(), said.sort()];
}

export default {
  number: 10,
  name: 'discovery: new pods get traffic, the registry shows the pods',
  run: async (stage) => {
    const { cluster, api, tell } = stage;
    const gateway = await podOf(cluster, 'gateway');
    const before = new Set((await callsByAddress(cluster, gateway)).keys());
    const load = startLoad(30, async () => {
      await api.call('GET', '/api/v2/products?pageSize=1');
    });
    try {
      const [after] = await Promise.all([firstCall(cluster, gateway, before), scale(cluster, 'catalog-v1', 2)]);
      assert.ok(after <= withinMs, `the new pod was first called ${after} ms after it was ready`);
      tell(`the new pod was called within ${after} ms of being ready`);
      await cluster.until(
        'the registry shows what the Kubernetes API says',
        async () => {
          const [shown, said] = await bothRegistries(stage);
          assert.deepEqual(shown, said);
          tell(`the registry shows the ${shown.length} endpoints that the Kubernetes API has`);
          return true;
        },
        60_000,
      );
    } finally {
      const { failed, examples, text } = await load.stop();
      tell(text);
      await scale(cluster, 'catalog-v1', 1);
      assert.equal(failed, 0, examples.join('; '));
    }
  },
} satisfies Check;
