// Runs scenarios on the laptop mesh: a mesh a scenario, in this process, with workloads on their private sockets.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMesh } from '../../../mesh/index.ts';
import type { MeshDriver, RunningScenario, Scenario } from '../scenario.ts';
import { EchoServer, makeCalls } from '../workload/program.ts';
import { accountYaml, CALLERS, instanceOf, type Member, named, servers, serviceYaml } from './cast.ts';

const NAMESPACE = 'parity';

const deployment = ({ role, version }: Member): string => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${role}-${version}, namespace: NAMESPACE }
spec:
  selector: { matchLabels: { app: ${role}, version: ${version} } }
  template:
    metadata: { labels: { app: ${role}, version: ${version} } }
    spec: { serviceAccountName: ${role}, containers: [{ name: app, ports: [{ name: grpc, containerPort: 50051 }] }] }`;

function manifests(scenario: Scenario): string {
  const members = [...CALLERS, ...servers(scenario)];
  const called = new Set(servers(scenario).map((each) => each.role));
  return named(
    [
      ...[...new Set(members.map((each) => each.role))].map(accountYaml),
      ...[...called].map((role) => serviceYaml(role)),
      ...members.map(deployment),
      ...(scenario.rules === '' ? [] : [scenario.rules]),
    ].join('\n---\n'),
    NAMESPACE,
    'server',
  );
}

async function start(scenario: Scenario): Promise<RunningScenario> {
  const folder = await mkdtemp(join(tmpdir(), 'parity-'));
  await mkdir(join(folder, 'manifests'));
  await writeFile(join(folder, 'manifests', 'rules.yaml'), manifests(scenario));
  const mesh = await startMesh({
    manifests: join(folder, 'manifests'),
    namespace: NAMESPACE,
    stateDir: join(folder, 'state'),
    watch: false,
  });
  const echoes = new Map<string, EchoServer>();
  const proxies = new Map<string, string>();
  let front = '';
  for (const member of [...CALLERS, ...servers(scenario)]) {
    if (member.sidecar === false) continue;
    const { role: service, version } = member;
    const workload = await mesh.addWorkload({
      service,
      version,
      ...(member.serves === true ? {} : { inbound: false }),
    });
    proxies.set(service, workload.proxyUrl);
    if (workload.listen === undefined) continue;
    const echo = new EchoServer(instanceOf(member));
    await echo.listen(workload.listen);
    echoes.set(instanceOf(member), echo);
    const { inbound } = workload;
    if (instanceOf(member) === 'server-v1' && inbound !== undefined && 'port' in inbound)
      front = `${inbound.host}:${inbound.port}`;
  }
  return {
    call(call, step) {
      const proxy = proxies.get(call.from);
      // Without a sidecar there is no service address to dial here: the outsider goes to the server's own front door.
      const target = proxy === undefined ? front : `${call.to ?? 'server'}.${NAMESPACE}.svc.cluster.local:50051`;
      return makeCalls(target, call, step, proxy);
    },
    async arrivals(step) {
      return new Map([...echoes].map(([instance, echo]) => [instance, echo.arrivals(step)]));
    },
    async close() {
      for (const echo of echoes.values()) echo.close();
      await mesh.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export const laptop: MeshDriver = { name: 'laptop', start, close: async () => {} };
