// Runs scenarios on the laptop mesh: a mesh a scenario, in this process, with workloads on their private sockets.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMesh } from '../../../mesh/index.ts';
import type { MeshDriver, RunningScenario, Scenario } from '../scenario.ts';
import { Attempts } from '../workload/attempts.ts';
import { makeRequests } from '../workload/http-client.ts';
import { HttpEcho } from '../workload/http-echo.ts';
import { EchoServer, makeCalls } from '../workload/program.ts';
import {
  accountYaml,
  CALLERS,
  EDGE_HOST,
  instanceOf,
  type Member,
  type Names,
  named,
  namedRequest,
  servers,
  serviceYaml,
} from './cast.ts';

const NAMESPACE = 'parity';
const NAMES: Names = { namespace: NAMESPACE, server: 'server', gateways: 'istio-system', outside: '127.0.0.1' };

const deployment = ({ role, version }: Member): string => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${role}-${version}, namespace: NAMESPACE }
spec:
  selector: { matchLabels: { app: ${role}, version: ${version} } }
  template:
    metadata: { labels: { app: ${role}, version: ${version} } }
    spec: { serviceAccountName: ${role}, containers: [{ name: app }] }`;

function manifests(scenario: Scenario): string {
  const members = [...CALLERS, ...servers(scenario)];
  const called = new Set(servers(scenario).map((each) => each.role));
  const protocols = [scenario.protocol ?? 'grpc'] as const;
  return named(
    [
      ...[...new Set(members.map((each) => each.role))].map(accountYaml),
      ...[...called].map((role) => serviceYaml(role, protocols)),
      ...members.map(deployment),
      ...(scenario.rules === '' ? [] : [scenario.rules]),
    ].join('\n---\n'),
    NAMES,
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
    ingress: {},
  });
  const outside = `127.0.0.1:${mesh.ingress?.port}`;
  const services: { close(): void }[] = [];
  const attempts = new Map<string, Attempts>();
  const proxies = new Map<string, string>();
  let front = '';
  for (const member of [...CALLERS, ...servers(scenario)]) {
    if (member.sidecar === false) continue;
    const { role, version } = member;
    const workload = await mesh.addWorkload({
      service: role,
      version,
      ...(member.serves === true ? {} : { inbound: false }),
    });
    proxies.set(role, workload.proxyUrl);
    if (workload.listen === undefined) continue;
    const own = new Attempts(instanceOf(member));
    const service = scenario.protocol === 'http' ? new HttpEcho(own) : new EchoServer(own);
    await service.listen(workload.listen);
    services.push(service);
    attempts.set(own.instance, own);
    const { inbound } = workload;
    if (instanceOf(member) === 'server-v1' && inbound !== undefined && 'port' in inbound)
      front = `${inbound.host}:${inbound.port}`;
  }
  return {
    call(call, step) {
      if (call.from === 'outside') return makeCalls(outside, call, step, { authority: named(EDGE_HOST, NAMES) });
      const proxy = proxies.get(call.from);
      // Without a sidecar there is no service address to dial here: the outsider goes to the server's own front door.
      const target = proxy === undefined ? front : `${call.to ?? 'server'}.${NAMESPACE}.svc.cluster.local:50051`;
      return makeCalls(target, call, step, { proxy });
    },
    request: (request, step) => makeRequests(outside, namedRequest(request, NAMES), step),
    async arrivals(step) {
      return new Map([...attempts].map(([instance, own]) => [instance, own.arrivals(step)]));
    },
    async close() {
      for (const service of services) service.close();
      await mesh.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export const laptop: MeshDriver = { name: 'laptop', start, close: async () => {} };
