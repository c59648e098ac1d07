// The objects of a chart, each with the namespace of its release and the condition under which it is there.
// This is the one intermediate that both charts/ and infra/ are rendered from.
import { ApiObject } from 'cdk8s';
import type { ReleaseChart } from '../constructs/release-chart.ts';
import { conditionOf } from '../objects/condition.ts';
import { clusterScoped, type Manifested, validate } from '../objects/models.ts';
import { atDefaults } from '../values/at-defaults.ts';
import type { Expression } from '../values/expression.ts';

/** One object of a chart, before rendering. */
export interface ReleaseObject {
  readonly kind: string;
  readonly name: string;
  /** The object with tokens in it. */
  readonly tree: unknown;
  readonly condition?: Expression<boolean>;
  /** File below templates/ and part of infra/ that it belongs to. */
  readonly part: string;
}

/** Which file an object goes to, by its kind: what runs, how it is called, who may call it. */
const parts: Readonly<Record<string, string>> = {
  AuthorizationPolicy: 'protection',
  PeerAuthentication: 'protection',
  RequestAuthentication: 'protection',
  NetworkPolicy: 'protection',
  VirtualService: 'traffic',
  DestinationRule: 'traffic',
  Sidecar: 'traffic',
  Gateway: 'traffic',
  Telemetry: 'traffic',
  Role: 'identity',
  RoleBinding: 'identity',
  ServiceAccount: 'identity',
};

function isInNamespace(kind: string): boolean {
  return !clusterScoped.has(kind);
}

/** Subjects of a binding name the account's namespace, which cdk8s-plus cannot know. */
function withSubjects(json: Record<string, unknown>, namespace: unknown): Record<string, unknown> {
  if (!Array.isArray(json.subjects)) return json;
  const subjects = json.subjects.map((subject: Record<string, unknown>) => ({ ...subject, namespace }));
  return { ...json, subjects };
}

/** All objects of a chart, in the order in which constructs added them. */
export function releaseObjects(chart: ReleaseChart): ReleaseObject[] {
  return chart.node
    .findAll()
    .filter((construct): construct is ApiObject => ApiObject.isApiObject(construct))
    .map((object) => {
      const json = withSubjects(object.toJson() as Record<string, unknown>, chart.globals.namespace);
      const metadata = json.metadata as Record<string, unknown>;
      const { name, ...rest } = metadata;
      const placed = isInNamespace(object.kind) ? { namespace: chart.globals.namespace } : {};
      const condition = conditionOf(object);
      const component = object.node.scopes[2]?.node.id ?? '';
      return {
        kind: object.kind,
        name: object.name,
        tree: { ...json, metadata: { name, ...placed, ...rest } },
        ...(condition === undefined ? {} : { condition }),
        part: chart.chartName === chart.platform ? component : (parts[object.kind] ?? 'workload'),
      };
    });
}

/** The objects that are there at the defaults, rendered and validated. */
export function defaultObjects(objects: readonly ReleaseObject[]): Manifested[] {
  return objects
    .filter(({ condition }) => condition === undefined || condition.fallback)
    .map(({ tree }) => atDefaults(tree) as Manifested)
    .map((object) => {
      validate(object);
      return object;
    });
}
