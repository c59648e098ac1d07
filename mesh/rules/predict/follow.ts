// Follows one call from the routing decision of the caller's side to the verdict of the called one, without starting
// anything. Shares and percentages are given instead of drawn, so an answer is always the same.

import { type AuthorizationVerdict, authorize, compileAuthorization } from '../authz/authorize.ts';
import { normalizePath } from '../authz/path-normalization.ts';
import { type PeerMode, peerRequirement } from '../authz/peer-authentication.ts';
import { peerFromSpiffe, spiffeId, type VerifiedToken } from '../authz/request.ts';
import type { RegistryService, Workload } from '../model/registry.ts';
import type { RuleSet } from '../model/rule-set.ts';
import { belongsTo, type Cluster } from '../routing/cluster.ts';
import type { CompiledRoute, RouteAction, WeightedCluster } from '../routing/compiled-route.ts';
import { findRoute, type LocalReply, localReply, ownAnswer } from '../routing/decide.ts';
import type { CallView } from '../routing/match/call.ts';
import type { Outbound } from '../routing/outbound.ts';
import type { FaultPolicy } from '../routing/treatment/fault.ts';
import type { RetryPolicy } from '../routing/treatment/retry-policy.ts';
import { callTimeoutMs, grpcDeadlineMs } from '../routing/treatment/timeout.ts';
import { workloadsBehind } from './find-workload.ts';

export interface DestinationAnswer {
  readonly cluster: string;
  readonly host: string;
  readonly port: number;
  readonly subset?: string;
  /** From 0 to 1. */
  readonly share: number;
  readonly verdict: AuthorizationVerdict;
  readonly peerMode: PeerMode;
}

export interface Prediction {
  readonly path: string;
  readonly route?: CompiledRoute;
  /** The mesh answers by itself: no route, a fault of 100 %, a direct response. */
  readonly reply?: LocalReply;
  readonly destinations: readonly DestinationAnswer[];
  /** Let in by every destination that has a share. */
  readonly allowed: boolean;
  /** The most attempts that one call can cause: 1 without retries. */
  readonly attempts: number;
  readonly retries?: RetryPolicy;
  /** 0 is "no limit". */
  readonly timeoutMs: number;
  readonly fault?: FaultPolicy;
  readonly mirrors: readonly { readonly cluster: string; readonly percent: number }[];
}

/** One call as it leaves the caller. */
export interface FollowedCall {
  readonly client: Workload;
  readonly outbound: Outbound;
  readonly call: CallView;
  /** Whose workloads answer where a destination names a service that no manifest declares. */
  readonly service?: RegistryService;
  /** A verified token of the caller. */
  readonly token?: VerifiedToken;
  /** The caller has no sidecar and speaks plaintext. @default false */
  readonly plaintext?: boolean;
}

/** A call that the mesh answers by itself. */
export function answered(path: string, reply: LocalReply): Prediction {
  return { path, destinations: [], allowed: false, attempts: 1, timeoutMs: 0, mirrors: [], reply };
}

export function follow(rules: RuleSet, followed: FollowedCall): Prediction {
  const { outbound, call } = followed;
  const { path } = call;
  const nothing = { path, destinations: [], allowed: false, attempts: 1, timeoutMs: 0, mirrors: [] };
  const lookup = outbound.find(call.host, call.port);
  if ('passThrough' in lookup) return { ...nothing, allowed: true };
  if ('refused' in lookup) return answered(path, localReply(lookup.httpStatus, lookup.refused, 'NR'));
  const route = findRoute(lookup.virtualHost, call);
  if (route === undefined) return answered(path, localReply(404, `no route matches ${path}`, 'NR'));
  const fault = route.fault === undefined ? {} : { fault: route.fault };
  const own = ownAnswer(route, call);
  if (own !== undefined) return { ...nothing, route, ...fault, reply: own };
  const { action } = route;
  const sent = action === undefined ? call : rewritten(call, action);
  const destinations = (action?.destinations ?? []).map((each) =>
    answer(rules, each, action?.totalWeight ?? 1, sent, followed),
  );
  const missing = action?.destinations.find((each) => each.cluster.missing !== undefined)?.cluster.missing;
  return {
    path,
    route,
    destinations,
    allowed: missing === undefined && destinations.length > 0 && destinations.every((each) => each.verdict.allowed),
    attempts: 1 + (action?.retries?.attempts ?? 0),
    timeoutMs: callTimeoutMs(action?.timeoutMs, grpcDeadlineMs(call.headers)),
    mirrors: (action?.mirrors ?? []).map((each) => ({ cluster: each.cluster.key, percent: each.percent })),
    ...fault,
    ...(action?.retries === undefined ? {} : { retries: action.retries }),
    ...(missing === undefined ? {} : { reply: localReply(503, missing, 'NC') }),
  };
}

/** What the called side sees: its policies are asked about the path and the host as they were sent on. */
function rewritten(call: CallView, { rewritePath, rewriteAuthority }: RouteAction): CallView {
  if (rewritePath === undefined && rewriteAuthority === undefined) return call;
  return { ...call, path: rewritePath?.(call.path) ?? call.path, authority: rewriteAuthority ?? call.authority };
}

function answer(
  rules: RuleSet,
  { cluster, weight }: WeightedCluster,
  total: number,
  call: CallView,
  followed: FollowedCall,
): DestinationAnswer {
  const service = cluster.service ?? followed.service;
  const behind = service === undefined ? [] : workloadsBehind(rules, service);
  const server = behind.find((each) => belongsTo(cluster, each)) ?? behind[0];
  const port = workloadPort(cluster, server);
  const peerMode = server === undefined ? 'PERMISSIVE' : peerRequirement(rules, server, port).mode;
  return {
    cluster: cluster.key,
    host: cluster.host,
    port: cluster.port,
    share: total === 0 ? 0 : weight / total,
    peerMode,
    verdict: verdictAt(rules, server, port, peerMode, cluster, call, followed),
    ...(cluster.subset === undefined ? {} : { subset: cluster.subset }),
  };
}

/** The port on which the workload itself is called: policies speak of that one. */
export function workloadPort(cluster: Pick<Cluster, 'service' | 'port'>, server: Workload | undefined): number {
  const target = cluster.service?.ports.find((each) => each.number === cluster.port)?.targetPort;
  if (typeof target === 'number') return target;
  const ports = server !== undefined && 'ports' in server ? (server.ports as ReadonlyMap<string, number>) : undefined;
  return (target === undefined ? undefined : ports?.get(target)) ?? cluster.port;
}

function verdictAt(
  rules: RuleSet,
  server: Workload | undefined,
  port: number,
  peerMode: PeerMode,
  cluster: Cluster,
  call: CallView,
  { client, plaintext, token }: FollowedCall,
): AuthorizationVerdict {
  if (cluster.service?.external === true)
    return { allowed: true, because: 'the host is outside the mesh', audited: [] };
  const mutual = plaintext !== true && cluster.policy.tlsMode !== 'DISABLE' && peerMode !== 'DISABLE';
  if (!mutual && peerMode === 'STRICT')
    return { allowed: false, because: 'STRICT PeerAuthentication refuses plaintext', audited: [] };
  if (server === undefined) return { allowed: true, because: 'no workload is declared', audited: [] };
  const peer = mutual
    ? peerFromSpiffe(spiffeId(rules.mesh.trustDomain, client.namespace, client.serviceAccount))
    : undefined;
  const path = normalizePath(call.path, rules.mesh.pathNormalization);
  if (path === undefined) return { allowed: false, because: 'the path cannot be normalised', audited: [] };
  return authorize(compileAuthorization(rules, server), {
    method: call.method,
    path: path.split('?')[0] ?? path,
    host: call.authority,
    port,
    headers: call.headers,
    sourceIp: '127.0.0.1',
    remoteIp: '127.0.0.1',
    ...(peer === undefined ? {} : { peer }),
    ...(token === undefined ? {} : { token }),
  });
}
