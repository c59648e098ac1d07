// A VirtualService's HTTP route made ready: matches compiled, destinations resolved, defaults filled in.
// A route with several matches becomes several compiled routes, in order, as Istio does; first match wins.

import type { Workload } from '../model/registry.ts';
import type { RuleSet } from '../model/rule-set.ts';
import type { ManifestObject } from '../read/documents.ts';
import type { HttpMatch, HttpRoute } from '../read/kinds/virtual-service.ts';
import { positionOf, type SourcePosition } from '../read/source-position.ts';
import { type Cluster, resolveCluster } from './cluster.ts';
import { type CompiledMatch, compileMatch, matchApplies, type RuleSite } from './match/match.ts';
import { type CorsRules, compileCors } from './treatment/cors.ts';
import { compileFault, type FaultPolicy } from './treatment/fault.ts';
import { compileHeaders, joinHeaders, type RouteHeaders } from './treatment/header-operations.ts';
import { compileOwnAnswer, type OwnAnswer } from './treatment/own-answer.ts';
import { compileRetries, type RetryPolicy } from './treatment/retry-policy.ts';
import { compileRewrite, type PathRewrite } from './treatment/rewrite.ts';

export interface WeightedCluster {
  readonly cluster: Cluster;
  readonly weight: number;
  readonly headers: RouteHeaders;
}

export interface Mirror {
  readonly cluster: Cluster;
  readonly percent: number;
}

export interface RouteAction {
  readonly destinations: readonly WeightedCluster[];
  readonly totalWeight: number;
  /** 0 is "no limit". */
  readonly timeoutMs: number;
  readonly retries?: RetryPolicy;
  readonly mirrors: readonly Mirror[];
  readonly rewritePath?: PathRewrite;
  readonly rewriteAuthority?: string;
}

export interface CompiledRoute {
  /** The route's own name, joined with its match's name; `default` where no VirtualService routes the host. */
  readonly name: string;
  readonly match: CompiledMatch;
  /** Where the deciding rule stands; absent for the built-in default route. */
  readonly position?: SourcePosition;
  readonly object?: string;
  readonly fault?: FaultPolicy;
  readonly cors?: CorsRules;
  readonly action?: RouteAction;
  readonly answer?: OwnAnswer;
}

export function compileRoutes(
  rules: RuleSet,
  virtualService: ManifestObject<'VirtualService'>,
  site: RuleSite,
  port: number,
): CompiledRoute[] {
  const compiled: CompiledRoute[] = [];
  for (const route of virtualService.spec.http ?? []) {
    const matches = route.match === undefined || route.match.length === 0 ? [undefined] : route.match;
    for (const match of matches) {
      if (match !== undefined && !matchApplies(match, site, port, virtualService.namespace)) continue;
      const result = compileRoute(rules, virtualService, route, match, site.workload, port);
      compiled.push(result);
      if (result.match.catchAll) return compiled;
    }
  }
  return compiled;
}

function compileRoute(
  rules: RuleSet,
  object: ManifestObject<'VirtualService'>,
  route: HttpRoute,
  match: HttpMatch | undefined,
  client: Workload,
  port: number,
): CompiledRoute {
  const position = positionOf(match) ?? positionOf(route);
  const fault = compileFault(route.fault);
  const cors = compileCors(route.corsPolicy);
  const name = [route.name, match?.name].filter((part) => part !== undefined && part !== '').join('.');
  const base = {
    name: name === '' ? (position?.field ?? object.name) : name,
    match: compileMatch(match),
    object: `VirtualService ${object.namespace}/${object.name}`,
    ...(position === undefined ? {} : { position }),
    ...(fault === undefined ? {} : { fault }),
    ...(cors === undefined ? {} : { cors }),
  };
  const answer = compileOwnAnswer(route, match);
  if (answer !== undefined) return { ...base, answer };
  const several = (route.route?.length ?? 0) > 1;
  const level = compileHeaders(route.headers);
  const destinations = (route.route ?? [])
    .filter((each) => !several || (each.weight ?? 0) > 0)
    .map((each) => ({
      cluster: resolveCluster(rules, client, each.destination, object.namespace, port),
      weight: several ? (each.weight ?? 0) : 1,
      headers: joinHeaders(compileHeaders(each.headers), level),
    }));
  const hashed = !several && destinations[0]?.cluster.policy.balancer.kind === 'ring-hash';
  const retries = compileRetries(route.retries ?? rules.mesh.defaultHttpRetryPolicy, !hashed);
  const rewritePath = compileRewrite(route.rewrite, match);
  return {
    ...base,
    action: {
      destinations,
      totalWeight: destinations.reduce((sum, each) => sum + each.weight, 0),
      timeoutMs: route.timeout ?? 0,
      mirrors: mirrorsOf(rules, route, client, object.namespace, port),
      ...(retries === undefined ? {} : { retries }),
      ...(rewritePath === undefined ? {} : { rewritePath }),
      ...(route.rewrite?.authority === undefined ? {} : { rewriteAuthority: route.rewrite.authority }),
    },
  };
}

function mirrorsOf(rules: RuleSet, route: HttpRoute, client: Workload, namespace: string, port: number): Mirror[] {
  const single = route.mirror;
  const all = [
    ...(single === undefined
      ? []
      : [{ destination: single, percent: route.mirrorPercentage?.value ?? route.mirrorPercent ?? 100 }]),
    ...(route.mirrors ?? []).map((each) => ({ destination: each.destination, percent: each.percentage?.value ?? 100 })),
  ];
  return all
    .filter((each) => each.percent > 0)
    .map((each) => ({
      cluster: resolveCluster(rules, client, each.destination, namespace, port),
      percent: each.percent,
    }));
}

/** The route of a host that no VirtualService speaks of: straight to the service, with Istio's default retries. */
export function defaultRoute(rules: RuleSet, client: Workload, host: string, port: number): CompiledRoute {
  const cluster = resolveCluster(rules, client, { host, port: { number: port } }, client.namespace, port);
  const retries = compileRetries(rules.mesh.defaultHttpRetryPolicy, cluster.policy.balancer.kind !== 'ring-hash');
  return {
    name: 'default',
    match: compileMatch(undefined),
    action: {
      destinations: [{ cluster, weight: 1, headers: { request: [], response: [] } }],
      totalWeight: 1,
      timeoutMs: 0,
      mirrors: [],
      ...(retries === undefined ? {} : { retries }),
    },
  };
}
