// The table of kinds that the mesh reads, with the API versions that name them.

import type { Node } from 'yaml';
import type { Reader } from '../reader.ts';
import { anything } from '../scalars.ts';
import type { Shape, ValueOf } from '../shape.ts';
import { destinationRule } from './destination-rule.ts';
import { gateway, serviceEntry, sidecar } from './edges.ts';
import { deployment, service } from './kubernetes.ts';
import { meshConfigMap } from './mesh-config.ts';
import { authorizationPolicy, peerAuthentication, requestAuthentication } from './security.ts';
import { telemetry } from './telemetry.ts';
import { virtualService } from './virtual-service.ts';

const SHAPES = {
  VirtualService: virtualService,
  DestinationRule: destinationRule,
  Gateway: gateway,
  Sidecar: sidecar,
  ServiceEntry: serviceEntry,
  PeerAuthentication: peerAuthentication,
  AuthorizationPolicy: authorizationPolicy,
  RequestAuthentication: requestAuthentication,
  Telemetry: telemetry,
  Service: service,
  Deployment: deployment,
  StatefulSet: deployment,
  ServiceAccount: anything,
  Namespace: anything,
  ConfigMap: meshConfigMap,
};

export type KindName = keyof typeof SHAPES;
export type ObjectsByKind = { readonly [K in KindName]: ValueOf<(typeof SHAPES)[K]> };

export interface Kind {
  readonly apiVersions: readonly string[];
  /** Where the shape starts: below `spec`, or at the object's root. */
  readonly root: 'spec' | 'object';
  /** Istio's rules are covered field by field; Kubernetes' objects are only consulted. */
  readonly rule: boolean;
  read(node: Node, reader: Reader): unknown;
}

const VERSIONS: Readonly<Record<string, readonly string[]>> = {
  networking: ['networking.istio.io/v1', 'networking.istio.io/v1beta1', 'networking.istio.io/v1alpha3'],
  security: ['security.istio.io/v1', 'security.istio.io/v1beta1'],
  telemetry: ['telemetry.istio.io/v1', 'telemetry.istio.io/v1alpha1'],
  core: ['v1'],
  apps: ['apps/v1'],
};

function istio(group: 'networking' | 'security' | 'telemetry', shape: Shape<unknown>): Kind {
  return {
    apiVersions: VERSIONS[group] ?? [],
    root: 'spec',
    rule: true,
    read: (node, reader) => shape.read(node, reader, 'spec'),
  };
}

function kubernetes(group: 'core' | 'apps', shape: Shape<unknown>, root: 'spec' | 'object' = 'spec'): Kind {
  return {
    apiVersions: VERSIONS[group] ?? [],
    root,
    rule: false,
    read: (node, reader) => reader.silently(() => shape.read(node, reader, root === 'spec' ? 'spec' : '')),
  };
}

export const KINDS: Readonly<Record<KindName, Kind>> = {
  VirtualService: istio('networking', SHAPES.VirtualService),
  DestinationRule: istio('networking', SHAPES.DestinationRule),
  Gateway: istio('networking', SHAPES.Gateway),
  Sidecar: istio('networking', SHAPES.Sidecar),
  ServiceEntry: istio('networking', SHAPES.ServiceEntry),
  PeerAuthentication: istio('security', SHAPES.PeerAuthentication),
  AuthorizationPolicy: istio('security', SHAPES.AuthorizationPolicy),
  RequestAuthentication: istio('security', SHAPES.RequestAuthentication),
  Telemetry: istio('telemetry', SHAPES.Telemetry),
  Service: kubernetes('core', SHAPES.Service),
  Deployment: kubernetes('apps', SHAPES.Deployment),
  StatefulSet: kubernetes('apps', SHAPES.StatefulSet),
  ServiceAccount: kubernetes('core', SHAPES.ServiceAccount, 'object'),
  Namespace: kubernetes('core', SHAPES.Namespace, 'object'),
  ConfigMap: kubernetes('core', SHAPES.ConfigMap, 'object'),
};
