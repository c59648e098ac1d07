// The same edges once more, below the mesh: a pod reaches only what its service declares, and is reached only by callers.
// Network policies see pods and ports, the authorization policies methods; either alone would leave a way.
import type { Construct } from 'constructs';
import { adminPort, grpcPort } from '../../model/checks/names.ts';
import { usesEvents } from '../../model/manifest.ts';
import type { ServiceModel } from '../../model/service-model.ts';
import { meshObject } from '../../objects/mesh-object.ts';
import { when } from '../../values/expression.ts';
import type { ReleaseChart } from '../release-chart.ts';
import type { IdentityEndpoint } from '../workload/environment.ts';

type Peer = object;
interface Rule {
  from?: Peer[];
  to?: Peer[];
  ports: object[];
}

const tcp = (port: unknown): object => ({ protocol: 'TCP', port });
const pods = (app: string): Peer => ({ podSelector: { matchLabels: { app } } });
const namespace = (name: string): Peer => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
});

/** What every pod with a sidecar needs: names, and istiod. */
export function meshEgress(chart: ReleaseChart): Rule[] {
  return [
    // A node-local DNS cache has no pod, so only the port can be named.
    { ports: [{ protocol: 'UDP', port: 53 }, tcp(53)] },
    { to: [namespace(chart.globals.meshNamespace.token)], ports: [tcp(15012)] },
  ];
}

function ingressOf(chart: ReleaseChart, service: ServiceModel, identity: IdentityEndpoint | undefined): Rule[] {
  const { globals } = chart;
  const rules: Rule[] = [];
  if (service.callers.length > 0) {
    rules.push({ from: service.callers.map((call) => pods(call.from)), ports: [tcp(grpcPort)] });
  }
  if (service.edge && service.manifest.httpPort !== undefined) {
    rules.push({ from: [namespace(globals.gatewayNamespace.token)], ports: [tcp(service.manifest.httpPort)] });
  }
  // 15020 is the sidecar's own metrics.
  rules.push({
    from: [namespace(globals.observabilityNamespace.token)],
    ports: [tcp(adminPort), tcp(15020), tcp(15090)],
  });
  if (identity?.service === service.name) {
    rules.push({
      from: [
        { podSelector: { matchLabels: { 'app.kubernetes.io/part-of': chart.platform } } },
        namespace(globals.meshNamespace.token),
      ],
      ports: [tcp(adminPort)],
    });
  }
  return rules;
}

function egressOf(chart: ReleaseChart, service: ServiceModel, identity: IdentityEndpoint | undefined): Rule[] {
  const { globals } = chart;
  const rules = meshEgress(chart);
  for (const call of service.calls) rules.push({ to: [pods(call.to)], ports: [tcp(grpcPort)] });
  if (identity !== undefined && identity.service !== service.name) {
    rules.push({ to: [pods(identity.service)], ports: [tcp(adminPort)] });
  }
  if (service.manifest.database !== undefined || usesEvents(service.manifest)) {
    rules.push(when(globals.ownPostgres, { to: [pods('postgres')], ports: [tcp(5432)] }));
    rules.push(when(globals.externalPostgres, { ports: [tcp(globals.postgresPort.token)] }));
  }
  rules.push({ to: [namespace(globals.observabilityNamespace.token)], ports: [tcp(4317)] });
  // The API server is no pod; its address differs from cluster to cluster.
  if (service.policy.kubernetesApi !== undefined) rules.push({ ports: [tcp(443), tcp(6443)] });
  return rules;
}

/** Adds the NetworkPolicy. @see https://kubernetes.io/docs/concepts/services-networking/network-policies/ */
export function networkPolicy(
  scope: Construct,
  chart: ReleaseChart,
  service: ServiceModel,
  identity: IdentityEndpoint | undefined,
): void {
  meshObject(
    scope,
    'NetworkPolicy',
    { name: service.name, labels: chart.labelsOf(service.name) },
    {
      spec: {
        podSelector: { matchLabels: { app: service.name } },
        policyTypes: ['Ingress', 'Egress'],
        ingress: ingressOf(chart, service, identity) as never,
        egress: egressOf(chart, service, identity) as never,
      },
    },
  );
}
