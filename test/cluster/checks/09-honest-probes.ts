// Probes tell the truth: without its database a service is NOT_SERVING and out of the endpoints; with it, Ready again.
import assert from 'node:assert/strict';
import type { Cluster } from '../access/cluster.ts';
import { withoutDatabase } from '../access/database.ts';
import { callFromPod } from '../access/pod-caller.ts';
import { hostOf, podOf, scale } from '../access/workloads.ts';
import type { Check } from '../stage.ts';

/** Ready addresses of a service. */
async function endpoints(cluster: Cluster, service: string): Promise<number> {
  const slices = (await cluster.list(
    'endpointslices',
    `kubernetes.io/service-name=${service}`,
  )) as unknown as readonly {
    readonly endpoints?: readonly { readonly conditions: { readonly ready?: boolean } }[];
  }[];
  return slices.flatMap((slice) => slice.endpoints ?? []).filter((each) => each.conditions.ready).length;
}

const services = ['catalog', 'payment', 'order'];

export default {
  number: 9,
  name: 'probes tell the truth when PostgreSQL stops and comes back',
  run: async ({ cluster, tell }) => {
    for (const service of services) assert.ok((await endpoints(cluster, service)) > 0, `${service} has an endpoint`);
    const gateway = await podOf(cluster, 'gateway');
    await withoutDatabase(cluster, services, async () => {
      await cluster.until('services without a database leave the endpoints', async () => {
        const counts = await Promise.all(services.map((service) => endpoints(cluster, service)));
        return counts.every((count) => count === 0) ? true : undefined;
      });
      const [reply] = await callFromPod(cluster, gateway, 'gateway', [
        {
          target: hostOf(cluster, 'catalog'),
          path: '/grpc.health.v1.Health/Check',
          request: new Uint8Array(),
          timeoutMs: 4000,
        },
      ]);
      assert.notEqual(reply?.code, 0, 'nobody serves');
      tell('the databases went: every service that needs one left the endpoints');
    });
    await cluster.until('they come back', async () => {
      const counts = await Promise.all(services.map((service) => endpoints(cluster, service)));
      return counts.every((count) => count > 0) ? true : undefined;
    });
    for (const service of services) await scale(cluster, `${service}-v1`, 1);
    tell('the databases came back: all are Ready again');
  },
} satisfies Check;
