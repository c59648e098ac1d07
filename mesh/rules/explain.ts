// What each rule does here: applied as Istio documents it, approximated, or not applied, and why.
// Built from what reading noted, so a field cannot be forgotten: a field that no shape knows is an error.

import { selects } from './authz/authorize.ts';
import { exportedTo, hostMatches, qualifyHost } from './model/host-name.ts';
import type { RegistryService } from './model/registry.ts';
import { serves } from './model/registry.ts';
import type { RuleSet } from './model/rule-set.ts';
import type { ManifestObject } from './read/documents.ts';
import type { KindName } from './read/kinds/index.ts';
import type { Coverage, Problem } from './read/problem.ts';
import { formatPosition } from './read/source-position.ts';
import { qualifyGateway } from './routing/match/match.ts';

export interface ExplainedRule {
  /** `VirtualService fairlead/payment`. */
  readonly object: string;
  readonly at: string;
  /** Field paths without list indices, each once. */
  readonly applied: readonly string[];
  readonly approximated: readonly ExplainedField[];
  readonly notApplied: readonly ExplainedField[];
}

export interface ExplainedField {
  readonly field: string;
  readonly at: string;
  readonly why: string;
}

export interface Explanation {
  readonly version: string;
  readonly rules: readonly ExplainedRule[];
  readonly warnings: readonly Problem[];
  /** Kinds that are Kubernetes' business, with counts. */
  readonly passedOver: Readonly<Record<string, number>>;
}

const RULE_KINDS = [
  'VirtualService',
  'DestinationRule',
  'AuthorizationPolicy',
  'PeerAuthentication',
  'RequestAuthentication',
  'Sidecar',
  'Gateway',
  'ServiceEntry',
  'Telemetry',
] as const satisfies readonly KindName[];

export function explain(rules: RuleSet, service?: RegistryService): Explanation {
  const objects = RULE_KINDS.flatMap((kind) => rules.objects(kind) as readonly ManifestObject[]);
  const named = objects.filter((object) => service === undefined || concerns(rules, object, service));
  const labels = new Set(named.map(label));
  const unknown = rules.coverage.filter((each) => each.field === '' && each.status === 'not applied');
  return {
    version: rules.version,
    rules: [
      ...named.map((object) => explained(label(object), formatPosition(object.position), rules.coverage)),
      ...(service === undefined ? unknown.map((each) => explained(each.object, formatPosition(each), [each])) : []),
    ],
    warnings: rules.warnings.filter((each) => service === undefined || labels.has(each.object)),
    passedOver: Object.fromEntries(rules.passedOver),
  };
}

/** The fields that are not applied as documented, for the words at start. */
export function shortfalls(rules: RuleSet): readonly Coverage[] {
  return rules.coverage.filter((each) => each.status !== 'applied');
}

function label(object: ManifestObject): string {
  return `${object.kind} ${object.namespace}/${object.name}`;
}

const withoutIndices = (field: string): string => field.replaceAll(/\[[0-9]+\]/g, '').replace(/^spec\./, '');

function explained(object: string, at: string, coverage: readonly Coverage[]): ExplainedRule {
  const own = coverage.filter((each) => each.object === object);
  const fields = (status: Coverage['status']): ExplainedField[] =>
    own
      .filter((each) => each.status === status)
      .map((each) => ({ field: withoutIndices(each.field), at: formatPosition(each), why: each.why ?? '' }));
  return {
    object,
    at,
    applied: [...new Set(fields('applied').map((each) => each.field))],
    approximated: fields('approximated'),
    notApplied: fields('not applied'),
  };
}

function bindsTo({ spec, namespace }: ManifestObject<'VirtualService'>, gateway: ManifestObject): boolean {
  const name = `${gateway.namespace}/${gateway.name}`;
  return spec.gateways?.some((each) => qualifyGateway(each, namespace) === name) === true;
}

/** Does an object say anything about calls to this service, or about what its workloads may do? */
function concerns(rules: RuleSet, object: ManifestObject, service: RegistryService): boolean {
  const behind = rules.workloads.filter((each) => serves(service, each));
  const selected = (matchLabels: ReadonlyMap<string, string> | undefined): boolean =>
    behind.some((each) => selects(rules, object, matchLabels, each));
  const about = (hosts: readonly string[]): boolean =>
    hosts.some((host) => hostMatches(qualifyHost(host, object.namespace), service.host));
  switch (object.kind) {
    case 'VirtualService': {
      const { spec } = object as ManifestObject<'VirtualService'>;
      const targets = (spec.http ?? []).flatMap((route) => (route.route ?? []).map((each) => each.destination.host));
      // The hosts of a Gateway are names of the outside: there it counts where the routes lead.
      const ofMesh = spec.gateways === undefined || spec.gateways.includes('mesh');
      return (
        ((ofMesh && about(spec.hosts)) || about(targets)) &&
        exportedTo(spec.exportTo, object.namespace, service.namespace)
      );
    }
    case 'DestinationRule':
      return about([(object as ManifestObject<'DestinationRule'>).spec.host]);
    case 'ServiceEntry':
      return about((object as ManifestObject<'ServiceEntry'>).spec.hosts);
    case 'Sidecar':
      return selected((object as ManifestObject<'Sidecar'>).spec.workloadSelector?.labels);
    case 'Gateway':
      return rules.objects('VirtualService').some((each) => bindsTo(each, object) && concerns(rules, each, service));
    default:
      return selected((object as ManifestObject<'AuthorizationPolicy'>).spec.selector?.matchLabels);
  }
}
