// Runs scenarios on the laptop mesh: one mesh process (this one), echo services on their private sockets.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMesh } from '../../../mesh/index.ts';
import { deployment, service } from '../../../mesh/rules/testing/manifests.ts';
import { EchoClient } from '../live/echo-client.ts';
import { type EchoService, startEcho } from '../live/echo-service.ts';
import type { Call, MeshDriver, Observation, RunningScenario, Scenario } from '../scenario.ts';

const NAMESPACE = 'scenario';

function split(instance: string): { service: string; version: string } {
  const dash = instance.lastIndexOf('-');
  return { service: instance.slice(0, dash), version: instance.slice(dash + 1) };
}

function manifests(scenario: Scenario): string {
  const instances = scenario.instances.map(split);
  const services = [...new Set(instances.map((each) => each.service))];
  return [
    ...services.map((name) => service(name, { namespace: NAMESPACE })),
    ...instances.map((each) => deployment(each.service, each.version, 1, NAMESPACE)),
    scenario.rules.replaceAll('NAMESPACE', NAMESPACE),
  ].join('\n---\n');
}

export const laptop: MeshDriver = {
  name: 'laptop',
  async start(scenario): Promise<RunningScenario> {
    const folder = await mkdtemp(join(tmpdir(), 'scenario-'));
    await mkdir(join(folder, 'manifests'));
    await writeFile(join(folder, 'manifests', 'rules.yaml'), manifests(scenario));
    const mesh = await startMesh({
      manifests: join(folder, 'manifests'),
      namespace: NAMESPACE,
      stateDir: join(folder, 'state'),
      watch: false,
    });
    const services = new Map<string, EchoService>();
    const proxies = new Map<string, string>();
    const clients = new Map<string, EchoClient>();
    for (const instance of scenario.instances) {
      const { service: name, version } = split(instance);
      const workload = await mesh.addWorkload({ service: name, version });
      proxies.set(name, workload.proxyUrl);
      if (workload.listen !== undefined) services.set(instance, await startEcho(instance, workload.listen));
    }
    const clientOf = (from: string, to: string): EchoClient => {
      const key = `${from} ${to}`;
      let client = clients.get(key);
      if (client === undefined) {
        client = new EchoClient(`${to}.${NAMESPACE}.svc.cluster.local:50051`, proxies.get(from));
        clients.set(key, client);
      }
      return client;
    };
    return {
      call: (call) => observe(clientOf(call.from, call.to), call),
      async reached(name) {
        return [...services]
          .filter(([instance]) => split(instance).service === name)
          .reduce((sum, [, each]) => sum + each.calls(), 0);
      },
      async close() {
        for (const client of clients.values()) client.close();
        for (const each of services.values()) each.kill();
        await mesh.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  },
};

async function observe(client: EchoClient, call: Call): Promise<readonly Observation[]> {
  const observations: Observation[] = [];
  await client.many(call.times ?? 1, call.atOnce ?? 1, async () => {
    const start = performance.now();
    const outcome = await client.call(call.order ?? {}, {
      deadlineMs: call.deadlineMs ?? 10_000,
      method: call.method ?? 'Unary',
      ...(call.headers === undefined ? {} : { headers: call.headers }),
    });
    const responseHeaders = outcome.headers?.getMap() ?? {};
    observations.push({
      code: outcome.code,
      tookMs: performance.now() - start,
      responseHeaders: Object.fromEntries(
        Object.entries(responseHeaders).map(([name, value]) => [name, String(value)]),
      ),
      ...(outcome.echo === undefined ? {} : { instance: outcome.echo.instance, headers: outcome.echo.headers }),
    });
    return outcome;
  });
  return observations;
}
