// Compiles HTTPMatchRequest into one test. Conditions within a match are AND, matches of a route are OR, first route wins.
// Source: istio pilot networking/core/route/route.go (TranslateRouteMatch, sourceMatchHTTP).

import { labelsMatch } from '../../model/host-name.ts';
import type { Workload } from '../../model/registry.ts';
import type { HttpMatch, StringMatch } from '../../read/kinds/virtual-service.ts';
import type { CallView } from './call.ts';
import { compileStringMatch, isPresenceMatch } from './string-match.ts';

export type CallTest = (call: CallView) => boolean;

/** Where the rule is being applied: in a workload's own sidecar (`mesh`), or in a gateway. */
export interface RuleSite {
  readonly workload: Workload;
  /** `mesh`, or gateways as `namespace/name`. */
  readonly gateways: ReadonlySet<string>;
}

export function pathOf(call: CallView): string {
  const query = call.path.indexOf('?');
  return query < 0 ? call.path : call.path.slice(0, query);
}

/** Can this match ever apply for calls from this site to this port? What is decided here is not asked per call. */
export function matchApplies(match: HttpMatch, site: RuleSite, port: number, namespace: string): boolean {
  if (match.port !== undefined && match.port !== port) return false;
  if (match.gateways !== undefined && match.gateways.length > 0)
    return match.gateways.some((each) => site.gateways.has(qualifyGateway(each, namespace)));
  if (!labelsMatch(match.sourceLabels, site.workload.labels)) return false;
  return match.sourceNamespace === undefined || match.sourceNamespace === site.workload.namespace;
}

export function qualifyGateway(name: string, namespace: string): string {
  return name === 'mesh' || name.includes('/') ? name : `${namespace}/${name}`;
}

export interface CompiledMatch {
  readonly test: CallTest;
  /** True when the answer depends on the path alone, so that it can be remembered per path. */
  readonly pathOnly: boolean;
  readonly catchAll: boolean;
}

export function compileMatch(match: HttpMatch | undefined): CompiledMatch {
  const tests: CallTest[] = [];
  let pathOnly = true;
  const uri = match?.uri;
  if (uri !== undefined && !isPresenceMatch(uri)) {
    const test = compileStringMatch(uri, match?.ignoreUriCase);
    tests.push((call) => test(pathOf(call)));
  }
  const add = (test: CallTest): void => {
    pathOnly = false;
    tests.push(test);
  };
  const pseudo = (wanted: StringMatch | undefined, value: (call: CallView) => string): void => {
    if (wanted === undefined || isPresenceMatch(wanted)) return;
    const test = compileStringMatch(wanted);
    add((call) => test(value(call)));
  };
  pseudo(match?.scheme, (call) => call.scheme);
  pseudo(match?.method, (call) => call.method);
  pseudo(match?.authority, (call) => call.authority);
  for (const [name, wanted] of match?.headers ?? []) add(headerTest(name, wanted));
  for (const [name, wanted] of match?.withoutHeaders ?? []) {
    const test = headerTest(name, wanted);
    // A missing header counts as empty here (treat_missing_header_as_empty), except for a presence match.
    const missing = isPresenceMatch(wanted) ? false : compileStringMatch(wanted)('');
    const claim = name.startsWith(CLAIM);
    add((call) => !(!claim && call.headers.get(name) === undefined ? missing : test(call)));
  }
  for (const [name, wanted] of match?.queryParams ?? []) {
    const test = compileStringMatch(wanted);
    add((call) => {
      const value = queryParameter(call, name);
      return value !== undefined && test(value);
    });
  }
  const uriEverything = uri === undefined || isPresenceMatch(uri) || uri.prefix === '/' || uri.regex === '.*';
  return {
    test: all(tests),
    pathOnly,
    catchAll: pathOnly && uriEverything,
  };
}

/** Most matches hold one or two conditions, and are asked about every call. */
function all(tests: readonly CallTest[]): CallTest {
  const [first, second] = tests;
  if (first === undefined) return () => true;
  if (second === undefined) return first;
  return (call) => {
    for (const test of tests) if (!test(call)) return false;
    return true;
  };
}

/** The first of its name, as it was sent: Envoy compares without decoding. */
export function queryParameter(call: CallView, name: string): string | undefined {
  const start = call.path.indexOf('?');
  if (start < 0) return undefined;
  for (const each of call.path.slice(start + 1).split('&')) {
    const equals = each.indexOf('=');
    if ((equals < 0 ? each : each.slice(0, equals)) === name) return equals < 0 ? '' : each.slice(equals + 1);
  }
  return undefined;
}

const CLAIM = '@request.auth.claims';

/** `@request.auth.claims[a][b]` or `@request.auth.claims.a.b`; texts and lists of texts can be matched (istio jwt.ToRoutingClaim). */
function claimTest(name: string, wanted: StringMatch): CallTest {
  const rest = name.slice(CLAIM.length);
  const path = rest.startsWith('[')
    ? [...rest.matchAll(/\[([^\]]+)\]/g)].map((each) => each[1] ?? '')
    : rest.split('.').slice(1);
  const test = compileStringMatch(wanted);
  return (call) => {
    let value: unknown = call.claims;
    for (const key of path)
      value =
        typeof value === 'object' && value !== null && Object.hasOwn(value, key)
          ? (value as Record<string, unknown>)[key]
          : undefined;
    if (typeof value === 'string') return test(value);
    return Array.isArray(value) && value.some((each) => typeof each === 'string' && test(each));
  };
}

function headerTest(name: string, wanted: StringMatch): CallTest {
  if (name.startsWith(CLAIM)) return claimTest(name, wanted);
  const test = compileStringMatch(wanted);
  return (call) => {
    const value = call.headers.get(name);
    return value !== undefined && test(value);
  };
}
