// Istio's mesh-wide settings, which a cluster keeps in the ConfigMap `istio` of the root namespace under `data.mesh`.
// Only the settings that change a decision are read; any other ConfigMap is passed over.

import { parse } from 'yaml';
import { parseDuration, text } from '../scalars.ts';
import { mapOf, object, type ValueOf } from '../shape.ts';
import type { Retries } from './virtual-service.ts';

export const meshConfigMap = object({ data: mapOf(text) }, { open: true });
export type MeshConfigMap = ValueOf<typeof meshConfigMap>;

export type PathNormalization = 'NONE' | 'BASE' | 'MERGE_SLASHES' | 'DECODE_AND_MERGE_SLASHES';

export interface MeshConfig {
  readonly trustDomain: string;
  readonly rootNamespace: string;
  /** How a path is brought to one form before policies see it. @default BASE (istio.mesh.v1alpha1.ProxyPathNormalization) */
  readonly pathNormalization: PathNormalization;
  /** What happens to hosts that no manifest declares. */
  readonly outboundTrafficPolicy: 'ALLOW_ANY' | 'REGISTRY_ONLY';
  readonly defaultHttpRetryPolicy?: Retries;
}

export const DEFAULT_MESH_CONFIG: MeshConfig = {
  trustDomain: 'cluster.local',
  rootNamespace: 'istio-system',
  pathNormalization: 'BASE',
  // Istio's own default is ALLOW_ANY. Here a name that no manifest declares is far more often a typing error.
  outboundTrafficPolicy: 'REGISTRY_ONLY',
};

const NORMALIZATIONS: readonly PathNormalization[] = ['NONE', 'BASE', 'MERGE_SLASHES', 'DECODE_AND_MERGE_SLASHES'];

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** Settings of the ConfigMap's `mesh` text over the defaults; what it does not say keeps its default. */
export function readMeshConfig(source: string | undefined): MeshConfig {
  const mesh = record(source === undefined ? undefined : parse(source));
  const normalization = NORMALIZATIONS.find((each) => each === record(mesh.pathNormalization).normalization);
  const outbound = record(mesh.outboundTrafficPolicy).mode;
  const retry = record(mesh.defaultHttpRetryPolicy);
  const perTry = typeof retry.perTryTimeout === 'string' ? parseDuration(retry.perTryTimeout) : undefined;
  return {
    ...DEFAULT_MESH_CONFIG,
    ...(typeof mesh.trustDomain === 'string' ? { trustDomain: mesh.trustDomain } : {}),
    ...(typeof mesh.rootNamespace === 'string' ? { rootNamespace: mesh.rootNamespace } : {}),
    ...(normalization === undefined ? {} : { pathNormalization: normalization }),
    ...(outbound === 'ALLOW_ANY' || outbound === 'REGISTRY_ONLY' ? { outboundTrafficPolicy: outbound } : {}),
    ...(mesh.defaultHttpRetryPolicy === undefined
      ? {}
      : {
          defaultHttpRetryPolicy: {
            ...(typeof retry.attempts === 'number' ? { attempts: retry.attempts } : {}),
            ...(typeof retry.retryOn === 'string' ? { retryOn: retry.retryOn } : {}),
            ...(perTry === undefined ? {} : { perTryTimeout: perTry }),
          },
        }),
  };
}
