// What a DestinationRule says about one destination (host, port, subset), with Istio's defaults filled in.
// Sources: istio pilot networking/core/cluster_traffic_policy.go, util.MergeSubsetTrafficPolicy; Envoy cluster defaults.

import type { ManifestObject } from '../read/documents.ts';
import type { Subset, TrafficPolicy } from '../read/kinds/destination-rule.ts';
import { exportedTo, hostMatches, labelsMatch, moreSpecific, qualifyHost } from './host-name.ts';
import type { RegistryService, Workload } from './registry.ts';
import type { RuleSet } from './rule-set.ts';

export interface BalancerPolicy {
  readonly kind: 'round-robin' | 'least-request' | 'random' | 'ring-hash';
  /** What is hashed, for `ring-hash`. */
  readonly hash?: {
    readonly header?: string;
    readonly query?: string;
    readonly source?: boolean;
    /** With a lifetime, of 0 for a session, the cookie is made where a client has none. */
    readonly cookie?: { readonly name: string; readonly path?: string; readonly ttlMs?: number };
  };
  readonly minimumRingSize: number;
}

export interface PoolLimits {
  readonly maxRequests: number;
  readonly maxPendingRequests: number;
  readonly maxRetries: number;
  /** 0 is "no limit". */
  readonly maxRequestsPerConnection: number;
  readonly maxConcurrentStreams: number;
  readonly connectTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** 0 is "no limit". */
  readonly maxConnectionDurationMs: number;
}

export interface OutlierPolicy {
  /** 0 switches the detector off. */
  readonly consecutive5xx: number;
  readonly consecutiveGatewayErrors: number;
  readonly consecutiveLocalOriginFailures: number;
  readonly splitExternalLocalOriginErrors: boolean;
  readonly intervalMs: number;
  readonly baseEjectionMs: number;
  readonly maxEjectionMs: number;
  readonly maxEjectionPercent: number;
  /** Below this share of healthy instances ejection is ignored (Envoy's panic threshold). */
  readonly minHealthPercent: number;
}

export interface ClusterPolicy {
  readonly balancer: BalancerPolicy;
  readonly limits: PoolLimits;
  readonly outlier?: OutlierPolicy;
  /** Absent: automatic mTLS, which is mTLS wherever the other side has a sidecar. */
  readonly tlsMode?: 'DISABLE' | 'SIMPLE' | 'MUTUAL' | 'ISTIO_MUTUAL';
  readonly subjectAltNames: readonly string[];
  /** The rule that said so, if one did. */
  readonly rule?: ManifestObject<'DestinationRule'>;
}

const NO_LIMIT = 2 ** 32 - 1;

/** Subsets and policy that apply when `client` calls `service`, from the rules of the namespaces that Istio looks in. */
export function findDestinationRules(
  rules: RuleSet,
  service: RegistryService,
  client: Workload,
): readonly ManifestObject<'DestinationRule'>[] {
  for (const namespace of [client.namespace, service.namespace, rules.mesh.rootNamespace]) {
    const found = rules
      .objects('DestinationRule')
      .filter(
        (rule) =>
          rule.namespace === namespace &&
          hostMatches(qualifyHost(rule.spec.host, rule.namespace), service.host) &&
          exportedTo(rule.spec.exportTo, rule.namespace, client.namespace) &&
          (rule.spec.workloadSelector === undefined ||
            (rule.namespace === client.namespace &&
              labelsMatch(rule.spec.workloadSelector.matchLabels, client.labels))),
      );
    if (found.length === 0) continue;
    const selected = found.filter((rule) => rule.spec.workloadSelector !== undefined);
    const candidates = selected.length > 0 ? selected : found;
    const best = candidates.map((rule) => qualifyHost(rule.spec.host, rule.namespace)).sort(moreSpecific)[0];
    return candidates.filter((rule) => qualifyHost(rule.spec.host, rule.namespace) === best);
  }
  return [];
}

export function findSubset(rules: readonly ManifestObject<'DestinationRule'>[], name: string): Subset | undefined {
  for (const rule of rules) {
    const found = rule.spec.subsets?.find((subset) => subset.name === name);
    if (found !== undefined) return found;
  }
  return undefined;
}

export function clusterPolicy(
  rules: readonly ManifestObject<'DestinationRule'>[],
  port: number,
  subset: Subset | undefined,
): ClusterPolicy {
  const rule = rules.find((each) => each.spec.trafficPolicy !== undefined) ?? rules[0];
  const own = forPort(rule?.spec.trafficPolicy, port);
  const narrower = forPort(subset?.trafficPolicy, port);
  const policy = {
    loadBalancer: narrower?.loadBalancer ?? own?.loadBalancer,
    connectionPool: narrower?.connectionPool ?? own?.connectionPool,
    outlierDetection: narrower?.outlierDetection ?? own?.outlierDetection,
    tls: narrower?.tls ?? own?.tls,
  };
  const outlier = outlierPolicy(policy.outlierDetection);
  return {
    balancer: balancerPolicy(policy.loadBalancer),
    limits: poolLimits(policy.connectionPool),
    ...(outlier === undefined ? {} : { outlier }),
    ...(policy.tls === undefined ? {} : { tlsMode: policy.tls.mode }),
    subjectAltNames: policy.tls?.subjectAltNames ?? [],
    ...(rule === undefined ? {} : { rule }),
  };
}

/** Port-level settings replace the policy: what they leave out has its default, not the destination's value. */
function forPort(policy: TrafficPolicy | undefined, port: number): TrafficPolicy | undefined {
  return policy?.portLevelSettings?.find((each) => each.port.number === port) ?? policy;
}

type CookieRule = NonNullable<NonNullable<TrafficPolicy['loadBalancer']>['consistentHash']>['httpCookie'];

function cookiePolicy(rule: CookieRule): NonNullable<BalancerPolicy['hash']>['cookie'] {
  if (rule === undefined) return undefined;
  const { name, path, ttl } = rule;
  return { name, ...(path === undefined ? {} : { path }), ...(ttl === undefined ? {} : { ttlMs: ttl }) };
}

function balancerPolicy(settings: TrafficPolicy['loadBalancer']): BalancerPolicy {
  const hash = settings?.consistentHash;
  const cookie = cookiePolicy(hash?.httpCookie);
  if (hash !== undefined) {
    return {
      kind: 'ring-hash',
      hash: {
        ...(hash.httpHeaderName === undefined ? {} : { header: hash.httpHeaderName.toLowerCase() }),
        ...(hash.httpQueryParameterName === undefined ? {} : { query: hash.httpQueryParameterName }),
        ...(cookie === undefined ? {} : { cookie }),
        ...(hash.useSourceIp === undefined ? {} : { source: hash.useSourceIp }),
      },
      minimumRingSize: hash.ringHash?.minimumRingSize ?? hash.minimumRingSize ?? 1024,
    };
  }
  const simple = settings?.simple;
  const kind = simple === 'ROUND_ROBIN' ? 'round-robin' : simple === 'RANDOM' ? 'random' : 'least-request';
  return { kind, minimumRingSize: 1024 };
}

/** Istio reads 0 as "not set" in these fields (cluster_traffic_policy.go says so itself). */
const orNone = (value: number | undefined): number => (value === undefined || value === 0 ? NO_LIMIT : value);

function poolLimits(pool: TrafficPolicy['connectionPool']): PoolLimits {
  return {
    maxRequests: orNone(pool?.http?.http2MaxRequests),
    maxPendingRequests: orNone(pool?.http?.http1MaxPendingRequests),
    maxRetries: orNone(pool?.http?.maxRetries),
    maxRequestsPerConnection: pool?.http?.maxRequestsPerConnection ?? 0,
    maxConcurrentStreams: pool?.http?.maxConcurrentStreams ?? 0,
    connectTimeoutMs: pool?.tcp?.connectTimeout ?? 10_000,
    idleTimeoutMs: pool?.http?.idleTimeout ?? pool?.tcp?.idleTimeout ?? 3_600_000,
    maxConnectionDurationMs: pool?.tcp?.maxConnectionDuration ?? 0,
  };
}

function outlierPolicy(rule: TrafficPolicy['outlierDetection']): OutlierPolicy | undefined {
  if (rule === undefined) return undefined;
  const base = rule.baseEjectionTime ?? 30_000;
  const split = rule.splitExternalLocalOriginErrors ?? false;
  return {
    consecutive5xx: rule.consecutive5xxErrors ?? 5,
    // Envoy counts gateway errors but does not enforce them unless told to.
    consecutiveGatewayErrors: rule.consecutiveGatewayErrors ?? 0,
    consecutiveLocalOriginFailures: split ? rule.consecutiveLocalOriginFailures || 5 : 0,
    splitExternalLocalOriginErrors: split,
    intervalMs: rule.interval ?? 10_000,
    baseEjectionMs: base,
    maxEjectionMs: Math.max(300_000, base),
    maxEjectionPercent: rule.maxEjectionPercent || 10,
    minHealthPercent: rule.minHealthPercent ?? 0,
  };
}
