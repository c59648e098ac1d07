// Header changes of a route: removed first, then set, then added, in the order in which Envoy evaluates the levels.
// Sources: Envoy source/common/router/header_parser.cc; istio route.go TranslateHeadersOperations (authority, drops).

import type { Headers } from '../../read/kinds/virtual-service.ts';

export interface HeaderChange {
  readonly remove: readonly string[];
  /** Replaces what is there. */
  readonly set: readonly (readonly [name: string, value: string])[];
  /** Stands beside what is there. */
  readonly add: readonly (readonly [name: string, value: string])[];
}

export interface RouteHeaders {
  readonly request: readonly HeaderChange[];
  readonly response: readonly HeaderChange[];
  /** A new `:authority`, when the rule sets `host` or `:authority`. */
  readonly authority?: string;
}

export const NO_HEADER_CHANGES: RouteHeaders = { request: [], response: [] };

const internal = (name: string): boolean => name.startsWith(':') || name.toLowerCase() === 'host';
const isAuthority = (name: string): boolean => [':authority', 'host'].includes(name.toLowerCase());

function pairs(values: ReadonlyMap<string, string> | undefined): (readonly [string, string])[] {
  return [...(values ?? [])]
    .filter(([name]) => !internal(name))
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
}

function change(operations: Headers['request']): HeaderChange | undefined {
  const result = {
    remove: (operations?.remove ?? []).filter((name) => !internal(name)).map((name) => name.toLowerCase()),
    set: pairs(operations?.set),
    add: pairs(operations?.add),
  };
  return result.remove.length + result.set.length + result.add.length === 0 ? undefined : result;
}

/** Changes of one level: of the route, or of one of its destinations. */
export function compileHeaders(headers: Headers | undefined): RouteHeaders {
  if (headers === undefined) return NO_HEADER_CHANGES;
  const request = change(headers.request);
  const response = change(headers.response);
  const authority =
    [...(headers.request?.set ?? [])].find(([name]) => isAuthority(name))?.[1] ??
    [...(headers.request?.add ?? [])].find(([name]) => isAuthority(name))?.[1];
  return {
    request: request === undefined ? [] : [request],
    response: response === undefined ? [] : [response],
    ...(authority === undefined ? {} : { authority }),
  };
}

/** Joins the levels: the destination's changes come first and the route's after, as Envoy does for weighted clusters. */
export function joinHeaders(destination: RouteHeaders, route: RouteHeaders): RouteHeaders {
  const authority = route.authority ?? destination.authority;
  return {
    request: [...destination.request, ...route.request],
    response: [...destination.response, ...route.response],
    ...(authority === undefined ? {} : { authority }),
  };
}

/** A mutable list of headers, as the proxy holds them. */
export type HeaderList = [name: string, value: string][];

export function applyHeaderChanges(headers: HeaderList, changes: readonly HeaderChange[]): HeaderList {
  let result = headers;
  for (const { remove, set, add } of changes) {
    const gone = new Set([...remove, ...set.map(([name]) => name)]);
    result = result.filter(([name]) => !gone.has(name));
    for (const [name, value] of [...set, ...add]) result.push([name, value]);
  }
  return result;
}
