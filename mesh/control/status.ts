// What a running mesh says of itself: rules, workloads, clusters with ejections, and changes that are in force.

import type { Mesh } from '../proxy/mesh.ts';
import type { Ejections } from './ejections.ts';

export interface MeshStatus {
  readonly rules: { readonly version: string; readonly warnings: number; readonly refused: readonly string[] };
  readonly changes: Mesh['store']['changes'];
  readonly workloads: readonly WorkloadStatus[];
  readonly clusters: readonly ClusterStatus[];
  readonly ingressPort?: number;
}

export interface WorkloadStatus {
  readonly name: string;
  readonly version: string;
  readonly identity: string;
  readonly mtls: string;
  readonly state: 'ready' | 'not ready' | 'ejected by hand' | 'calls only';
  readonly certificateExpires: string;
}

export interface ClusterStatus {
  readonly from: string;
  readonly cluster: string;
  readonly instances: readonly string[];
  readonly active: number;
  readonly overflows: number;
  readonly ejected: readonly { readonly instance: string; readonly reason: string; readonly forMs: number }[];
}

export function meshStatus(mesh: Mesh, ejections: Ejections): MeshStatus {
  const now = performance.now();
  const clusters: ClusterStatus[] = [];
  const callers = [...mesh.sidecars.values()].map(({ name, outbound }) => ({ name, outbound }));
  if (mesh.ingress !== undefined) callers.push({ name: 'ingress', outbound: mesh.ingress.outbound });
  for (const { name, outbound } of callers)
    for (const [key, runtime] of outbound.clusters)
      clusters.push({
        from: name,
        cluster: key,
        instances: mesh.directory.behind(runtime.cluster).map((each) => each.id),
        active: runtime.circuit.active,
        overflows: runtime.circuit.overflows,
        ejected: (runtime.detector?.ejections() ?? []).map((each) => ({
          instance: each.id,
          reason: each.reason,
          forMs: Math.max(0, Math.round(each.untilMs - now)),
        })),
      });
  return {
    rules: {
      version: mesh.rules.version,
      warnings: mesh.rules.warnings.length,
      refused: mesh.store.refused.map((each) => `${each.file}:${each.line}: ${each.field}: ${each.message}`),
    },
    changes: mesh.store.changes,
    workloads: [...mesh.sidecars.values()].map((sidecar) => ({
      name: sidecar.name,
      version: sidecar.workload.labels.get('version') ?? '',
      identity: sidecar.identity.spiffeId,
      mtls: sidecar.mode(mesh.rules),
      state: ejections.has(sidecar.name)
        ? 'ejected by hand'
        : sidecar.address === undefined
          ? 'calls only'
          : mesh.directory.isReady(sidecar.name)
            ? 'ready'
            : 'not ready',
      certificateExpires: sidecar.identity.certificate.notAfter.toISOString(),
    })),
    clusters,
    ...(mesh.ingress === undefined ? {} : { ingressPort: mesh.ingress.port }),
  };
}
