// The decision about one outbound call: which rule, where to, how often, how long, and what is done to it on the way.
// Pure: chance comes in as numbers, so the same call and the same numbers give the same decision.

import { httpToGrpcStatus } from '../grpc-status.ts';
import type { Cluster } from './cluster.ts';
import type { CompiledRoute, RouteAction, WeightedCluster } from './compiled-route.ts';
import type { CallView } from './match/call.ts';
import type { HostLookup, Outbound, VirtualHost } from './outbound.ts';
import { type CorsDecision, decideCors } from './treatment/cors.ts';
import { drawFault, type InjectedFault } from './treatment/fault.ts';
import type { RouteHeaders } from './treatment/header-operations.ts';
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
  /** More fields of the answer. */
  readonly fields?: readonly (readonly [name: string, value: string])[];
}

export interface Forward {
  readonly kind: 'forward';
  readonly route: CompiledRoute;
  readonly cluster: Cluster;
  readonly headers: RouteHeaders;
  /** In answers that the proxy gives in the place of the service. */
  readonly replyFields: NonNullable<LocalReply['fields']>;
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

const NO_FIELDS: NonNullable<LocalReply['fields']> = [];
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

/** The answer that a route gives by itself: to a preflight, as a redirect, or always the same. */
export function ownAnswer(
  route: CompiledRoute,
  call: CallView,
  cors: CorsDecision | undefined = decideCors(route.cors, call),
): LocalReply | undefined {
  if (cors?.answered === true) return withFields(localReply(200, '', '-'), cors);
  if (route.answer === undefined) return undefined;
  const { httpStatus, body = '', location } = route.answer;
  const reply = withFields(localReply(httpStatus, body, '-'), cors);
  return location === undefined ? reply : { ...reply, location: location(call) };
}

const withFields = (reply: LocalReply, cors: CorsDecision | undefined): LocalReply =>
  cors === undefined ? reply : { ...reply, fields: cors.fields };

/** What a cross-origin rule writes stands over what the route does. */
const withChange = (headers: RouteHeaders, cors: CorsDecision | undefined): RouteHeaders =>
  cors === undefined
    ? headers
    : { ...headers, response: [...headers.response, { remove: [], set: cors.fields, add: [] }] };

export function decideRoute(route: CompiledRoute, call: CallView, draw: Draw): Decision {
  const fault = drawFault(route.fault, draw);
  if (fault?.abort !== undefined) {
    const { httpStatus, grpcStatus } = fault.abort;
    return { kind: 'reply', route, fault, reply: localReply(httpStatus, 'fault filter abort', 'FI', grpcStatus) };
  }
  // As Envoy's filters stand in Istio: a fault has come already, the route's own answers and destinations are to come.
  const cors = decideCors(route.cors, call);
  const reply = ownAnswer(route, call, cors);
  if (reply !== undefined) return { kind: 'reply', route, fault, reply };
  const action = route.action;
  const picked = action === undefined ? undefined : pickDestination(action, draw.weight);
  if (action === undefined || picked === undefined)
    return { kind: 'reply', route, fault, reply: localReply(503, 'the route has no destination', 'NR') };
  const { cluster } = picked;
  if (cluster.missing !== undefined)
    return { kind: 'reply', route, fault, reply: withFields(localReply(503, cluster.missing, 'NC'), cors) };
  const authority = action.rewriteAuthority ?? picked.headers.authority;
  return {
    kind: 'forward',
    route,
    cluster,
    headers: withChange(picked.headers, cors),
    replyFields: cors?.fields ?? NO_FIELDS,
    timeoutMs: callTimeoutMs(action.timeoutMs, grpcDeadlineMs(call.headers)),
    mirrors: action.mirrors.length === 0 ? NO_MIRRORS : drawMirrors(action, draw),
    path: action.rewritePath === undefined ? call.path : action.rewritePath(call.path),
    fault,
    retries: action.retries,
    authority,
  };
}
