// Changes to rules on a running mesh: `set` and `fault`. They edit the manifests as they are read, and touch no file,
// so `reset` is forgetting them, and a change that makes a rule invalid is refused like any other bad rule.

import { type Document, isMap, isSeq, type YAMLMap, type YAMLSeq } from 'yaml';
import type { ManifestFile, RegistryService, RuleSet } from '../rules/index.ts';
import { qualifyHost } from '../rules/model/host-name.ts';
import { findServiceByName } from '../rules/predict/find-workload.ts';

export interface SetChange {
  readonly kind: 'set';
  readonly service: string;
  /** `canary.weight`, `weight.SUBSET`, `timeout`, `retries.attempts`, `retries.perTryTimeout`, `retries.retryOn`. */
  readonly path: string;
  readonly value: string;
}

export interface FaultChange {
  readonly kind: 'fault';
  readonly service: string;
  /** The full path of one method; absent for all. */
  readonly method?: string;
  /** A duration, for example `500ms`. */
  readonly delay?: string;
  /** The name of a gRPC status, or an HTTP status. */
  readonly abort?: string;
  readonly percent: number;
}

export type LiveChange = SetChange | FaultChange;

export class ChangeError extends Error {
  override name = 'ChangeError';
}

/** The files with the changes on top of them. Throws a ChangeError when a change has nothing to act on. */
export function withChanges(
  files: readonly ManifestFile[],
  changes: readonly LiveChange[],
  rules: RuleSet,
): readonly ManifestFile[] {
  if (changes.length === 0) return files;
  const entries = changes.map((change) => ({ service: findServiceByName(rules, change.service), change }));
  const edit = (document: Document): void => {
    const hosts = routedHosts(document);
    for (const { service, change } of entries) {
      if (hosts.includes(service.host)) applyChange(document, change, () => true);
      else if (isOfEdge(document)) applyChange(document, change, (route) => leadsTo(document, route, service.host));
    }
  };
  // A service that no VirtualService routes gets a plain one, so that a change has a route to act on.
  const routed = new Set(
    rules.objects('VirtualService').flatMap(({ spec, namespace }) => {
      const targets = (spec.http ?? []).flatMap((route) => (route.route ?? []).map((each) => each.destination.host));
      return [...spec.hosts, ...(spec.gateways === undefined ? [] : targets)].map((host) =>
        qualifyHost(host, namespace),
      );
    }),
  );
  const unrouted = new Set(entries.map((entry) => entry.service).filter((service) => !routed.has(service.host)));
  return [...files, ...[...unrouted].map(plainVirtualService)].map((file) => ({ ...file, edit }));
}

/** Hosts that a VirtualService document routes for sidecars. */
function routedHosts(document: Document): readonly string[] {
  if (document.get('kind') !== 'VirtualService') return [];
  const gateways = document.getIn(['spec', 'gateways']);
  if (isSeq(gateways) && !gateways.items.some((each) => String(each) === 'mesh')) return [];
  const namespace = String(document.getIn(['metadata', 'namespace']) ?? 'default');
  const hosts = document.getIn(['spec', 'hosts']);
  return isSeq(hosts) ? hosts.items.map((each) => qualifyHost(String(each), namespace)) : [];
}

/** Bound to a Gateway alone: its hosts are those of the outside, so its routes are found by where they lead. */
function isOfEdge(document: Document): boolean {
  const gateways = document.getIn(['spec', 'gateways']);
  return (
    document.get('kind') === 'VirtualService' &&
    isSeq(gateways) &&
    !gateways.items.some((each) => String(each) === 'mesh')
  );
}

function leadsTo(document: Document, route: YAMLMap, host: string): boolean {
  const namespace = String(document.getIn(['metadata', 'namespace']) ?? 'default');
  const destinations = route.get('route');
  if (!isSeq(destinations)) return false;
  return destinations.items.some(
    (each) => isMap(each) && qualifyHost(String(each.getIn(['destination', 'host'])), namespace) === host,
  );
}

/** A VirtualService for a host that has none, so that a change has a route to act on. */
function plainVirtualService(service: RegistryService): ManifestFile {
  const text = JSON.stringify({
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: `${service.name}-live`, namespace: service.namespace },
    spec: { hosts: [service.host], http: [{ name: 'live', route: [{ destination: { host: service.host } }] }] },
  });
  return { file: `(live change of ${service.name})`, text };
}

type Chosen = (route: YAMLMap) => boolean;

function applyChange(document: Document, change: LiveChange, chosen: Chosen): void {
  const http = document.getIn(['spec', 'http']);
  if (!isSeq(http) || routes(http, chosen).length === 0) return;
  if (change.kind === 'fault') applyFault(document, http, change, chosen);
  else applySet(document, http, change, chosen);
}

function routes(http: YAMLSeq, chosen: Chosen): YAMLMap[] {
  return http.items.filter((item) => isMap(item)).filter(chosen);
}

function applySet(document: Document, http: YAMLSeq, { path, value, service }: SetChange, chosen: Chosen): void {
  const [head = '', ...rest] = path.split('.');
  if (head === 'canary' || head === 'weight') {
    const weight = Number(value);
    if (!Number.isInteger(weight) || weight < 0 || weight > 100)
      throw new ChangeError(`${path} must be a whole number from 0 to 100, not ${JSON.stringify(value)}`);
    if (path !== 'canary.weight' && head === 'canary')
      throw new ChangeError(`unknown setting ${path}: write canary.weight`);
    const split = routes(http, chosen).filter((route) =>
      setWeight(route, head === 'canary' ? undefined : rest.join('.'), weight),
    ).length;
    if (split === 0) throw new ChangeError(`no route of ${service} has several destinations to split between`);
    return;
  }
  const known = ['timeout', 'retries.attempts', 'retries.perTryTimeout', 'retries.retryOn'];
  if (!known.includes(path))
    throw new ChangeError(`unknown setting ${path}: canary.weight, weight.SUBSET, ${known.join(', ')}`);
  for (const route of routes(http, chosen))
    route.setIn(path.split('.'), document.createNode(path === 'retries.attempts' ? Number(value) : value));
}

/** The canary is the last destination of a split route; what it takes, the others give in proportion. */
function setWeight(route: YAMLMap, subset: string | undefined, weight: number): boolean {
  const destinations = route.get('route');
  if (!isSeq(destinations) || destinations.items.length < 2) return false;
  const maps = destinations.items.filter((item) => isMap(item));
  const target =
    subset === undefined ? maps.at(-1) : maps.find((item) => item.getIn(['destination', 'subset']) === subset);
  if (target === undefined) return false;
  const others = maps.filter((item) => item !== target);
  const total = others.reduce((sum, item) => sum + Number(item.get('weight') ?? 0), 0);
  let left = 100 - weight;
  others.forEach((item, index) => {
    const share =
      index === others.length - 1
        ? left
        : Math.round(((100 - weight) * Number(item.get('weight') ?? 0)) / (total || 1));
    left -= share;
    item.set('weight', share);
  });
  target.set('weight', weight);
  return true;
}

function applyFault(document: Document, http: YAMLSeq, change: FaultChange, chosen: Chosen): void {
  const percentage = { value: change.percent };
  const fault = {
    ...(change.delay === undefined ? {} : { delay: { fixedDelay: change.delay, percentage } }),
    ...(change.abort === undefined ? {} : { abort: { ...abortStatus(change.abort), percentage } }),
  };
  if (change.method === undefined) {
    for (const route of routes(http, chosen)) route.set('fault', document.createNode(fault));
    return;
  }
  const items: unknown[] = [];
  for (const route of routes(http, () => true)) {
    const copy = chosen(route) ? narrowed(route.toJSON() as Record<string, unknown>, change.method) : undefined;
    if (copy !== undefined) items.push(document.createNode({ ...copy, fault }));
    items.push(route);
  }
  http.items = items;
}

const abortStatus = (abort: string) =>
  /^[0-9]{3}$/.test(abort) ? { httpStatus: Number(abort) } : { grpcStatus: abort };

/** The same route for one method alone; undefined when the route is not for that method. */
function narrowed(route: Record<string, unknown>, method: string): Record<string, unknown> | undefined {
  const uri = { exact: method };
  const matches = Array.isArray(route.match) ? (route.match as Record<string, unknown>[]) : [{}];
  const own = matches.filter(({ uri: given }) => {
    const match = given as { exact?: string; prefix?: string } | undefined;
    return (
      match === undefined || match.exact === method || (match.prefix !== undefined && method.startsWith(match.prefix))
    );
  });
  return own.length === 0 ? undefined : { ...route, match: own.map((each) => ({ ...each, uri })) };
}
