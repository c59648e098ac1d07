// The decision about one outbound call: which rule, where to, how often, how long, and what is done to it on the way.
// Pure: chance comes in as numbers, so the same call and the same numbers give the same decision.

import { grpcStatusName, httpToGrpcStatus } from '../grpc-status.ts';
import type { Cluster } from './cluster.ts';
import type { CompiledRoute, RouteAction, WeightedCluster } from './compiled-route.ts';
import type { CallView } from './match/call.ts';
import type { HostLookup, Outbound, VirtualHost } from './outbound.ts';
import { drawFault, type InjectedFault } from './treatment/fault.ts';
import type { RouteHeaders } from './treatment/header-operations.ts';
import type { OwnAnswer } from './treatment/own-answer.ts';
import type { RetryPolicy } from './treatment/retry-policy.ts';
import { callTimeoutMs, grpcDeadlineMs } from './treatment/timeout.ts';

/** Numbers in [0, 1): which destination, whether faults hit, whether it is mirrored. */
export interface Draw {
  readonly weight: number;
  readonly delay: number;
  readonly abort: number;
  readonly mirror: number;
}

export function randomDraw(random: () => number = Math.random): Draw {
  return { weight: random(), delay: random(), abort: random(), mirror: random() };
}

/** An answer that the proxy gives by itself. `flag` is Envoy's response flag (access log). */
export interface LocalReply {
  readonly httpStatus: number;
  readonly grpcStatus: number;
  readonly message: string;
  readonly flag: 'NR' | 'NC' | 'UH' | 'UO' | 'UF' | 'UT' | 'UR' | 'UC' | 'FI' | 'DI' | 'RBAC' | '-';
  readonly location?: string;
}

export interface Forward {
  readonly kind: 'forward';
  readonly route: CompiledRoute;
  readonly cluster: Cluster;
  readonly headers: RouteHeaders;
  readonly fault: InjectedFault | undefined;
  /** For the whole call, retries included; 0 is "no limit". */
  readonly timeoutMs: number;
  readonly retries: RetryPolicy | undefined;
  readonly mirrors: readonly Cluster[];
  /** The path and authority as they leave. */
  readonly path: string;
  readonly authority: string | undefined;
}

export type Decision =
  | Forward
  | {
      readonly kind: 'reply';
      readonly reply: LocalReply;
      readonly route?: CompiledRoute;
      readonly fault?: InjectedFault | undefined;
    }
  | { readonly kind: 'pass-through' };

export function localReply(
  httpStatus: number,
  message: string,
  flag: LocalReply['flag'],
  grpcStatus?: number,
): LocalReply {
  return { httpStatus, grpcStatus: grpcStatus ?? httpToGrpcStatus(httpStatus), message, flag };
}

export function findRoute(virtualHost: VirtualHost, call: CallView): CompiledRoute | undefined {
  for (const route of virtualHost.routes) if (route.match.test(call)) return route;
  return undefined;
}

/** Weighted choice as Envoy makes it: the first destination whose cumulative weight lies above the draw. */
export function pickDestination(action: RouteAction, draw: number): WeightedCluster | undefined {
  if (action.destinations.length === 1) return action.destinations[0];
  let point = draw * action.totalWeight;
  for (const each of action.destinations) {
    point -= each.weight;
    if (point < 0) return each;
  }
  return action.destinations.at(-1);
}

const NO_MIRRORS: readonly Cluster[] = [];

function drawMirrors(action: RouteAction, draw: Draw): readonly Cluster[] {
  return action.mirrors.filter((each) => draw.mirror * 100 < each.percent).map((each) => each.cluster);
}

export function decide(outbound: Outbound, call: CallView, draw: Draw): Decision {
  return decideAt(outbound.find(call.host, call.port), call, draw);
}

/** The same for a host that has been looked up already. */
export function decideAt(lookup: HostLookup, call: CallView, draw: Draw): Decision {
  if ('passThrough' in lookup) return { kind: 'pass-through' };
  if ('refused' in lookup) return { kind: 'reply', reply: localReply(lookup.httpStatus, lookup.refused, 'NR') };
  const route = findRoute(lookup.virtualHost, call);
  if (route === undefined) {
    const message = `no route of ${lookup.virtualHost.virtualService?.name ?? lookup.virtualHost.host} matches ${call.path}`;
    return { kind: 'reply', reply: localReply(404, message, 'NR') };
  }
  return decideRoute(route, call, draw);
}

/** The answer of a route that leads nowhere. */
export function ownReply(route: CompiledRoute, answer: OwnAnswer, call: CallView): LocalReply {
  const { httpStatus, body = `answered by ${route.object ?? 'a rule'}`, location } = answer;
  const reply = localReply(httpStatus, body, '-');
  return location === undefined ? reply : { ...reply, location: location(call) };
}

export function decideRoute(route: CompiledRoute, call: CallView, draw: Draw): Decision {
  const fault = drawFault(route.fault, draw);
  if (fault?.abort !== undefined) {
    const { httpStatus, grpcStatus } = fault.abort;
    const message = `fault filter abort: ${grpcStatusName(grpcStatus)}`;
    return { kind: 'reply', route, fault, reply: localReply(httpStatus, message, 'FI', grpcStatus) };
  }
  if (route.answer !== undefined) return { kind: 'reply', route, fault, reply: ownReply(route, route.answer, call) };
  const action = route.action;
  const picked = action === undefined ? undefined : pickDestination(action, draw.weight);
  if (action === undefined || picked === undefined)
    return { kind: 'reply', route, fault, reply: localReply(503, 'the route has no destination', 'NR') };
  const { cluster } = picked;
  if (cluster.missing !== undefined)
    return { kind: 'reply', route, fault, reply: localReply(503, cluster.missing, 'NC') };
  const authority = action.rewriteAuthority ?? picked.headers.authority;
  return {
    kind: 'forward',
    route,
    cluster,
    headers: picked.headers,
    timeoutMs: callTimeoutMs(action.timeoutMs, grpcDeadlineMs(call.headers)),
    mirrors: action.mirrors.length === 0 ? NO_MIRRORS : drawMirrors(action, draw),
    path: action.rewritePath === undefined ? call.path : action.rewritePath(call.path),
    fault,
    retries: action.retries,
    authority,
  };
}
