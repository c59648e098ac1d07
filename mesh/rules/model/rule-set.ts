// One immutable snapshot of all rules. Everything that decides works on a snapshot, so a change is one assignment.
// Objects stand in Istio's order: by creation time, which files do not have, so by name and namespace as Istio breaks ties.

import { createHash } from 'node:crypto';
import { type ManifestFile, type ManifestObject, readManifests } from '../read/documents.ts';
import type { KindName } from '../read/kinds/index.ts';
import { type MeshConfig, readMeshConfig } from '../read/kinds/mesh-config.ts';
import { type Coverage, InvalidRulesError, type Problem } from '../read/problem.ts';
import { analyse } from './analyse.ts';
import { buildRegistry, type Registry, type Workload } from './registry.ts';

export interface RuleSet {
  /** A short hash of the manifests: says in logs and in `status` which rules decided. */
  readonly version: string;
  readonly mesh: MeshConfig;
  readonly registry: Registry;
  /** The workloads that the manifests' Deployments and StatefulSets declare. */
  readonly workloads: readonly DeclaredWorkload[];
  readonly coverage: readonly Coverage[];
  readonly warnings: readonly Problem[];
  readonly passedOver: ReadonlyMap<string, number>;
  objects<K extends KindName>(kind: K): readonly ManifestObject<K>[];
}

export interface DeclaredWorkload extends Workload {
  /** Ports that the containers declare, by name. */
  readonly ports: ReadonlyMap<string, number>;
  readonly replicas: number;
}

export interface RuleSetResult {
  /** Absent when a problem is an error. */
  readonly rules?: RuleSet;
  readonly problems: readonly Problem[];
}

/** Reads manifests into a snapshot, or says why not. */
export function buildRuleSet(files: readonly ManifestFile[], defaultNamespace?: string): RuleSetResult {
  const read = readManifests(files, defaultNamespace);
  if (read.problems.some((problem) => problem.severity === 'error')) return { problems: read.problems };
  const byKind = new Map<KindName, ManifestObject[]>();
  for (const object of read.objects) byKind.set(object.kind, [...(byKind.get(object.kind) ?? []), object]);
  for (const objects of byKind.values()) objects.sort(byNameAndNamespace);
  const objects = <K extends KindName>(kind: K): readonly ManifestObject<K>[] =>
    (byKind.get(kind) ?? []) as unknown as readonly ManifestObject<K>[];
  const config = objects('ConfigMap').find((each) => each.name === 'istio' && each.spec.data?.has('mesh') === true);
  const digest = createHash('sha256');
  for (const file of files) digest.update(file.text).update('\0');
  const base = {
    version: digest.digest('hex').slice(0, 12),
    mesh: readMeshConfig(config?.spec.data?.get('mesh')),
    registry: buildRegistry(objects('Service'), objects('ServiceEntry')),
    workloads: [...objects('Deployment'), ...objects('StatefulSet')].map(declaredWorkload),
    coverage: read.coverage,
    passedOver: read.passedOver,
    objects,
  };
  const warnings = [...read.problems, ...analyse(base)];
  return { rules: { ...base, warnings }, problems: warnings };
}

/** The same, for callers to whom invalid manifests are an error. */
export function loadRuleSet(files: readonly ManifestFile[], defaultNamespace?: string): RuleSet {
  const { rules, problems } = buildRuleSet(files, defaultNamespace);
  if (rules === undefined) throw new InvalidRulesError(problems.filter((each) => each.severity === 'error'));
  return rules;
}

function byNameAndNamespace(left: ManifestObject, right: ManifestObject): number {
  const a = `${left.name}.${left.namespace}`;
  const b = `${right.name}.${right.namespace}`;
  return a < b ? -1 : a > b ? 1 : 0;
}

function declaredWorkload(object: ManifestObject<'Deployment' | 'StatefulSet'>): DeclaredWorkload {
  const pod = object.spec.template;
  const ports = new Map<string, number>();
  for (const container of pod?.spec?.containers ?? [])
    for (const port of container.ports ?? []) if (port.containerPort) ports.set(port.name ?? '', port.containerPort);
  return {
    name: object.name,
    namespace: object.namespace,
    serviceAccount: pod?.spec?.serviceAccountName ?? 'default',
    labels: pod?.metadata?.labels ?? new Map(),
    ports,
    replicas: object.spec.replicas ?? 1,
  };
}
