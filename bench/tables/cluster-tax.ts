// Table 3, second half: what Istio's Envoy sidecars cost in the cluster that KUBECONFIG names, with the same calls as on the laptop.

import { Cluster, isReady } from '../../test/cluster/access/cluster.ts';
import { finish } from '../../test/cluster/access/command.ts';
import { type Plan, spread } from '../harness/compare.ts';
import type { Load } from '../mesh/load.ts';
import { objects, type Side, sides } from '../mesh/pods.ts';

type Result = Load & { readonly cpuUs: number };

const concurrency = 32;

async function measure(cluster: Cluster, { name }: Side, seconds: number): Promise<Result> {
  const target = `${name}-server.${cluster.namespace}.svc.cluster.local:50051`;
  const words = ['/app/bench/pod-caller.ts', target, String(concurrency), String(seconds)];
  const text = await cluster.kubectl(['exec', `deploy/${name}-caller`, '--container', 'app', '--', 'node', ...words]);
  return JSON.parse(text) as Result;
}

async function deploy(cluster: Cluster, image: string): Promise<void> {
  await cluster.kubectl(['create', 'namespace', cluster.namespace]);
  await cluster.kubectl(['label', 'namespace', cluster.namespace, 'istio-injection=enabled']);
  await cluster.apply(objects(image));
  const all = sides.length * 2;
  await cluster.until(
    `${all} pods of image ${image} are ready`,
    async () => ((await cluster.pods()).filter(isReady).length === all ? true : undefined),
    300_000,
  );
}

/** The table; undefined where there is no cluster, so that what was measured in one stays. */
export async function clusterTable(plan: Plan): Promise<string | undefined> {
  const image = process.env.FAIRLEAD_BENCH_IMAGE ?? 'fairlead/payment:dev';
  const reached = await finish('kubectl', ['version', '--request-timeout=5s'], { timeoutMs: 10_000 }).catch(
    () => undefined,
  );
  if (reached?.code !== 0) {
    plan.tell('cluster: not measured, KUBECONFIG names no cluster that kubectl reaches');
    return undefined;
  }
  const cluster = new Cluster(`bench-${Date.now().toString(36)}`);
  const results = new Map<Side, Result[]>(sides.map((side) => [side, []]));
  try {
    plan.tell(`cluster: pods in namespace ${cluster.namespace}`);
    await deploy(cluster, image);
    for (let round = 0; round < plan.rounds; round++)
      for (const side of sides) {
        plan.tell(`cluster, round ${round + 1} of ${plan.rounds}: ${side.title}`);
        results.get(side)?.push(await measure(cluster, side, plan.measureMs / 1000));
      }
  } finally {
    await finish('kubectl', ['delete', 'namespace', cluster.namespace, '--ignore-not-found'], { timeoutMs: 200_000 });
  }
  const base = results.get(sides[0] as Side) ?? [];
  const rate = ({ calls, elapsedMs }: Load): number => (calls * 1000) / elapsedMs;
  const rows = [...results].map(([{ title }, rounds]) => {
    const of = (value: (result: Result) => number, digits: number): string =>
      spread(rounds.map(value)).median.toFixed(digits);
    const ratios = spread(rounds.map((each, index) => rate(each) / rate(base[index] as Result)));
    const ratio = `${ratios.median.toFixed(2)} (${ratios.min.toFixed(2)}–${ratios.max.toFixed(2)})`;
    const failed = rounds.reduce((sum, each) => sum + each.failed, 0);
    const cells = [
      of(rate, 0),
      ratio,
      of(({ p50 }) => p50, 2),
      of(({ p99 }) => p99, 2),
      of(({ cpuUs }) => cpuUs, 1),
      failed,
    ];
    return `| ${[title, ...cells].join(' | ')} |`;
  });
  return [
    "| | calls/s | to direct | p50 ms | p99 ms | caller's CPU µs | failed |",
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...rows,
  ].join('\n');
}
