// One destination of traffic: a host, a port, a subset, with the policy that the DestinationRule gives it.
// The key is Envoy's cluster name, so that logs and metrics of the laptop and of a cluster can be compared.

import { type ClusterPolicy, clusterPolicy, findDestinationRules, findSubset } from '../model/cluster-policy.ts';
import { labelsMatch, qualifyHost } from '../model/host-name.ts';
import { findService, type RegistryService, serves, type Workload } from '../model/registry.ts';
import type { RuleSet } from '../model/rule-set.ts';
import type { Destination } from '../read/kinds/virtual-service.ts';

export interface Cluster {
  /** `outbound|50051|v2|payment.fairlead.svc.cluster.local`. */
  readonly key: string;
  readonly host: string;
  readonly port: number;
  readonly subset?: string;
  /** Absent when no manifest declares the host or the subset: such traffic is answered with UNAVAILABLE. */
  readonly service?: RegistryService;
  /** What an instance must be labelled with to belong to the subset. */
  readonly labels: ReadonlyMap<string, string>;
  readonly policy: ClusterPolicy;
  /** Why there is no service, in words. */
  readonly missing?: string;
}

export function resolveCluster(
  rules: RuleSet,
  client: Workload,
  destination: Destination,
  namespace: string,
  calledPort: number,
): Cluster {
  const host = qualifyHost(destination.host, namespace);
  const service = findService(rules.registry, host, namespace);
  // GetDestinationCluster: the rule's port, or the only port that the service has, or the one that was called.
  const only = service?.ports.length === 1 ? service.ports[0]?.number : undefined;
  const port = destination.port?.number ?? only ?? calledPort;
  const destinationRules = service === undefined ? [] : findDestinationRules(rules, service, client);
  const subset = destination.subset === undefined ? undefined : findSubset(destinationRules, destination.subset);
  const missing = missingPart(host, destination.subset, service, subset !== undefined, port);
  return {
    key: `outbound|${port}|${destination.subset ?? ''}|${service?.host ?? host}`,
    host: service?.host ?? host,
    port,
    ...(destination.subset === undefined ? {} : { subset: destination.subset }),
    ...(service === undefined || missing !== undefined ? {} : { service }),
    labels: subset?.labels ?? new Map(),
    policy: clusterPolicy(destinationRules, port, subset),
    ...(missing === undefined ? {} : { missing }),
  };
}

function missingPart(
  host: string,
  subset: string | undefined,
  service: RegistryService | undefined,
  subsetFound: boolean,
  port: number,
): string | undefined {
  if (service === undefined) return `no manifest declares the host ${host}`;
  if (service.ports.length > 0 && !service.ports.some((each) => each.number === port))
    return `${host} has no port ${port}`;
  return subset !== undefined && !subsetFound
    ? `no DestinationRule declares the subset ${subset} of ${host}`
    : undefined;
}

/** Does a workload belong to the cluster? */
export function belongsTo(cluster: Cluster, workload: Workload): boolean {
  return (
    cluster.service !== undefined && serves(cluster.service, workload) && labelsMatch(cluster.labels, workload.labels)
  );
}
