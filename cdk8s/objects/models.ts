// Every kind that synth writes, with the model that types and validates it.
// Kubernetes kinds come from its OpenAPI schemas, Istio's from the CRDs of release 1.29; both need no generated code here.
import { DestinationRule } from '@kubernetes-models/istio/networking.istio.io/v1/DestinationRule';
import { Gateway } from '@kubernetes-models/istio/networking.istio.io/v1/Gateway';
import { Sidecar } from '@kubernetes-models/istio/networking.istio.io/v1/Sidecar';
import { VirtualService } from '@kubernetes-models/istio/networking.istio.io/v1/VirtualService';
import { AuthorizationPolicy } from '@kubernetes-models/istio/security.istio.io/v1/AuthorizationPolicy';
import { PeerAuthentication } from '@kubernetes-models/istio/security.istio.io/v1/PeerAuthentication';
import { RequestAuthentication } from '@kubernetes-models/istio/security.istio.io/v1/RequestAuthentication';
import { Telemetry } from '@kubernetes-models/istio/telemetry.istio.io/v1/Telemetry';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { StatefulSet } from 'kubernetes-models/apps/v1/StatefulSet';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler';
import { Job } from 'kubernetes-models/batch/v1/Job';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { ClusterRole } from 'kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRole';
import { ClusterRoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRoleBinding';
import { Role } from 'kubernetes-models/rbac.authorization.k8s.io/v1/Role';
import { RoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1/RoleBinding';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { Namespace } from 'kubernetes-models/v1/Namespace';
import { Secret } from 'kubernetes-models/v1/Secret';
import { Service } from 'kubernetes-models/v1/Service';
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount';

/** The models by kind. */
export const models = {
  AuthorizationPolicy,
  ClusterRole,
  ClusterRoleBinding,
  ConfigMap,
  Deployment,
  DestinationRule,
  Gateway,
  HorizontalPodAutoscaler,
  Job,
  Namespace,
  NetworkPolicy,
  PeerAuthentication,
  PodDisruptionBudget,
  RequestAuthentication,
  Role,
  RoleBinding,
  Secret,
  Service,
  ServiceAccount,
  Sidecar,
  StatefulSet,
  Telemetry,
  VirtualService,
} as const;

/** A kind that synth writes. */
export type Kind = keyof typeof models;

/** What can be said about an object of a kind. */
export type Body<K extends Kind> = Omit<
  NonNullable<ConstructorParameters<(typeof models)[K]>[0]>,
  'apiVersion' | 'kind' | 'metadata'
>;

/** Kinds that live in no namespace. */
export const clusterScoped: ReadonlySet<string> = new Set<Kind>(['ClusterRole', 'ClusterRoleBinding', 'Namespace']);

/** A rendered Kubernetes object. */
export interface Manifested {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [key: string]: unknown;
}

/**
 * Checks a rendered object against the schema of its kind; a kind without a model passes.
 *
 * @throws Error that names the object and the field
 */
export function validate(object: Manifested): void {
  const Model = (models as Readonly<Record<string, new (data: never) => { validate(): void }>>)[object.kind];
  if (Model === undefined) return;
  try {
    new Model(object as never).validate();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${object.kind} ${object.metadata.name}: ${reason}`, { cause });
  }
}
