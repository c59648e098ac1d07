// The namespace of a release at the defaults: sidecars are injected, and Pod Security says what pods may do.
// Helm makes namespaces itself, without labels, so pods also ask for their sidecar themselves.
import type { Manifested } from '../objects/models.ts';

/** The Namespace object. @see https://kubernetes.io/docs/concepts/security/pod-security-admission/ */
export function namespaceObject(name: string): Manifested {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name,
      labels: {
        'app.kubernetes.io/part-of': name,
        'istio-injection': 'enabled',
        'pod-security.kubernetes.io/audit': 'restricted',
        'pod-security.kubernetes.io/warn': 'restricted',
      },
    },
  };
}
