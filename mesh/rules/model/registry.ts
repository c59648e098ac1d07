// The service registry: every host that the manifests declare, from Kubernetes Services and Istio ServiceEntries.
// A Kubernetes Service answers to four spellings of its name; they all lead to the same entry.

import type { ManifestObject } from '../read/documents.ts';
import { labelsMatch } from './host-name.ts';

export interface ServicePort {
  readonly number: number;
  readonly name: string;
  /** The port that the workload's container declares, when it is a number. */
  readonly targetPort?: number | string;
  /** What is spoken there, where the Service says so: `grpc`, `http`, `http2`. */
  readonly appProtocol?: string;
}

export interface ServiceEndpoint {
  readonly address: string;
  readonly ports: ReadonlyMap<string, number>;
  readonly labels: ReadonlyMap<string, string>;
}

export interface RegistryService {
  readonly host: string;
  readonly name: string;
  readonly namespace: string;
  readonly ports: readonly ServicePort[];
  /** Which workloads serve it; absent for what lies outside the mesh. */
  readonly selector?: ReadonlyMap<string, string>;
  /** Set for a ServiceEntry with location MESH_EXTERNAL: called without the mesh's certificates. */
  readonly external: boolean;
  readonly endpoints: readonly ServiceEndpoint[];
  readonly exportTo?: readonly string[];
}

/** Who calls or serves: the part of a pod that rules can speak of. */
export interface Workload {
  readonly name: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly labels: ReadonlyMap<string, string>;
}

export type Registry = ReadonlyMap<string, RegistryService>;

export function buildRegistry(
  services: readonly ManifestObject<'Service'>[],
  entries: readonly ManifestObject<'ServiceEntry'>[],
): Registry {
  const registry = new Map<string, RegistryService>();
  for (const { name, namespace, spec } of services) {
    const host = `${name}.${namespace}.svc.cluster.local`;
    registry.set(host, {
      host,
      name,
      namespace,
      external: spec.type === 'ExternalName',
      ports: (spec.ports ?? []).map((port) => ({
        number: port.port ?? 0,
        name: port.name ?? '',
        ...(port.targetPort === undefined ? {} : { targetPort: port.targetPort }),
        ...(port.appProtocol === undefined ? {} : { appProtocol: port.appProtocol.toLowerCase() }),
      })),
      ...(spec.selector === undefined ? {} : { selector: spec.selector }),
      endpoints:
        spec.externalName === undefined
          ? []
          : [{ address: spec.externalName, ports: new Map<string, number>(), labels: new Map<string, string>() }],
    });
  }
  for (const { namespace, spec } of entries) {
    for (const host of spec.hosts) {
      if (registry.has(host)) continue;
      registry.set(host, {
        host,
        name: host,
        namespace,
        external: spec.location !== 'MESH_INTERNAL',
        ports: (spec.ports ?? []).map((port) => ({ number: port.number, name: port.name ?? '' })),
        ...(spec.workloadSelector?.labels === undefined ? {} : { selector: spec.workloadSelector.labels }),
        endpoints: (spec.endpoints ?? []).map((endpoint) => ({
          address: endpoint.address ?? host,
          ports: endpoint.ports ?? new Map<string, number>(),
          labels: endpoint.labels ?? new Map<string, string>(),
        })),
        ...(spec.exportTo === undefined ? {} : { exportTo: spec.exportTo }),
      });
    }
  }
  return registry;
}

/** Finds a host by any spelling that Kubernetes DNS gives a caller in `namespace`. */
export function findService(registry: Registry, host: string, namespace: string): RegistryService | undefined {
  const name = host.endsWith('.') ? host.slice(0, -1) : host;
  const parts = name.split('.');
  return (
    registry.get(name) ??
    (parts.length === 1 ? registry.get(`${name}.${namespace}.svc.cluster.local`) : undefined) ??
    (parts.length === 2 ? registry.get(`${name}.svc.cluster.local`) : undefined) ??
    (parts.length === 3 && parts[2] === 'svc' ? registry.get(`${name}.cluster.local`) : undefined) ??
    wildcardService(registry, name)
  );
}

function wildcardService(registry: Registry, host: string): RegistryService | undefined {
  for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
    const found = registry.get(`*${host.slice(dot)}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Does this workload stand behind the service? */
export function serves(service: RegistryService, workload: Workload): boolean {
  return (
    service.selector !== undefined &&
    service.selector.size > 0 &&
    service.namespace === workload.namespace &&
    labelsMatch(service.selector, workload.labels)
  );
}
