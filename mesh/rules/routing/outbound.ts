// The outbound side of one workload under one snapshot: which host leads to which routes.
// Virtual hosts are compiled when first called and kept; a new snapshot makes a new outbound side.

import { exportedTo, hostMatches, labelsMatch, moreSpecific, qualifyHost } from '../model/host-name.ts';
import { findService, type RegistryService, type Workload } from '../model/registry.ts';
import type { RuleSet } from '../model/rule-set.ts';
import type { ManifestObject } from '../read/documents.ts';
import { type CompiledRoute, compileRoutes, defaultRoute } from './compiled-route.ts';
import { gatewayTakes } from './gateway-port.ts';
import { qualifyGateway, type RuleSite } from './match/match.ts';

export interface VirtualHost {
  readonly host: string;
  readonly port: number;
  readonly routes: readonly CompiledRoute[];
  /** True when no route looks at anything but the path: the proxy may remember the route per path. */
  readonly pathOnly: boolean;
  /** The VirtualService that routes the host, if one does. */
  readonly virtualService?: ManifestObject<'VirtualService'>;
}

export type HostLookup =
  | { readonly virtualHost: VirtualHost }
  /** Nothing leads there; the answer is Envoy's. */
  | { readonly refused: string; readonly httpStatus: number }
  | { readonly passThrough: true };

const MOST_HOSTS = 4096;
/** A sidecar's BlackHoleCluster answers so to what is not in the registry, a gateway without a virtual host so. */
const BLACK_HOLE = 502;
const NOT_FOUND = 404;

export class Outbound {
  readonly rules: RuleSet;
  readonly site: RuleSite;
  readonly #scope: ManifestObject<'Sidecar'> | undefined;
  readonly #found = new Map<string, HostLookup>();

  /** @param gateways - `mesh` for a sidecar; a gateway's `namespace/name` for an ingress. */
  constructor(rules: RuleSet, workload: Workload, gateways: readonly string[] = ['mesh']) {
    this.rules = rules;
    this.site = { workload, gateways: new Set(gateways) };
    this.#scope = gateways.includes('mesh') ? sidecarScope(rules, workload) : undefined;
  }

  find(host: string, port: number): HostLookup {
    const key = `${host}:${port}`;
    const known = this.#found.get(key);
    if (known !== undefined) return known;
    const lookup = this.#compile(host, port);
    // Only hosts that rules name are remembered, and a wildcard names many: callers must not be able to grow this map.
    if ('virtualHost' in lookup) {
      if (this.#found.size >= MOST_HOSTS) this.#found.clear();
      this.#found.set(key, lookup);
    }
    return lookup;
  }

  /** Every virtual service that applies at this site, most specific host first, then in Istio's order. */
  virtualServicesFor(host: string): readonly ManifestObject<'VirtualService'>[] {
    const { workload } = this.site;
    const found: { readonly pattern: string; readonly object: ManifestObject<'VirtualService'> }[] = [];
    for (const object of this.rules.objects('VirtualService')) {
      const bound = (object.spec.gateways ?? ['mesh']).some((each) =>
        this.#binds(qualifyGateway(each, object.namespace), object.namespace, host),
      );
      if (!bound || !exportedTo(object.spec.exportTo, object.namespace, workload.namespace)) continue;
      const patterns = object.spec.hosts.map((each) => qualifyHost(each, object.namespace)).sort(moreSpecific);
      const pattern = patterns.find((each) => hostMatches(each, host));
      if (pattern !== undefined) found.push({ pattern, object });
    }
    return found.sort((left, right) => moreSpecific(left.pattern, right.pattern)).map((each) => each.object);
  }

  /** Is this a gateway of the site, and one that takes the host from a VirtualService of that namespace? */
  #binds(gateway: string, namespace: string, host: string): boolean {
    if (!this.site.gateways.has(gateway)) return false;
    if (gateway === 'mesh') return true;
    return this.rules
      .objects('Gateway')
      .some((each) => `${each.namespace}/${each.name}` === gateway && gatewayTakes(each, host, namespace));
  }

  #compile(host: string, port: number): HostLookup {
    const { workload } = this.site;
    const service = findService(this.rules.registry, host, workload.namespace);
    const name = service?.host ?? host;
    const candidates = this.virtualServicesFor(name);
    // Sidecars take the first VirtualService of a host; gateways take the routes of all of them (istio mergeVirtualServices).
    const used = this.site.gateways.has('mesh') ? candidates.slice(0, 1) : candidates;
    if (this.site.gateways.has('mesh')) {
      if (service === undefined && used.length === 0)
        return this.#allowsAny()
          ? { passThrough: true }
          : { refused: `no manifest declares the host ${host}`, httpStatus: BLACK_HOLE };
      if (service !== undefined && !this.#visible(service))
        return {
          refused: `the Sidecar ${this.#scope?.namespace}/${this.#scope?.name} does not let ${workload.name} see ${name}`,
          httpStatus: BLACK_HOLE,
        };
      if (service !== undefined && service.ports.length > 0 && !service.ports.some((each) => each.number === port))
        return { refused: `${name} has no port ${port}`, httpStatus: BLACK_HOLE };
    } else if (used.length === 0)
      return { refused: `no VirtualService of this gateway routes the host ${host}`, httpStatus: NOT_FOUND };
    const first = used[0];
    const routes = used.flatMap((each) => compileRoutes(this.rules, each, this.site, port));
    const usable = first === undefined ? [defaultRoute(this.rules, workload, name, port)] : routes;
    return {
      virtualHost: {
        host: name,
        port,
        routes: usable,
        pathOnly: usable.every((route) => route.match.pathOnly),
        ...(first === undefined ? {} : { virtualService: first }),
      },
    };
  }

  #allowsAny(): boolean {
    return (this.#scope?.spec.outboundTrafficPolicy?.mode ?? this.rules.mesh.outboundTrafficPolicy) === 'ALLOW_ANY';
  }

  /** Sidecar egress hosts are `namespace/host`, where the namespace may be `.`, `*` or `~`, and the host a wildcard. */
  #visible(service: RegistryService): boolean {
    const { workload } = this.site;
    if (!exportedTo(service.exportTo, service.namespace, workload.namespace)) return false;
    const egress = this.#scope?.spec.egress;
    if (egress === undefined || egress.length === 0) return true;
    return egress.some((each) =>
      each.hosts.some((entry) => {
        const slash = entry.indexOf('/');
        const namespace = slash < 0 ? '*' : entry.slice(0, slash);
        const pattern = entry.slice(slash + 1);
        const inNamespace =
          namespace === '*' ||
          (namespace === '.' ? service.namespace === workload.namespace : namespace === service.namespace);
        return inNamespace && hostMatches(pattern, service.host);
      }),
    );
  }
}

/** The Sidecar of a workload: by selector, else its namespace's, else the root namespace's. */
export function sidecarScope(rules: RuleSet, workload: Workload): ManifestObject<'Sidecar'> | undefined {
  const all = rules.objects('Sidecar');
  const own = all.filter((each) => each.namespace === workload.namespace);
  return (
    own.find(
      (each) =>
        each.spec.workloadSelector !== undefined && labelsMatch(each.spec.workloadSelector.labels, workload.labels),
    ) ??
    own.find((each) => each.spec.workloadSelector === undefined) ??
    all.find((each) => each.namespace === rules.mesh.rootNamespace && each.spec.workloadSelector === undefined)
  );
}
