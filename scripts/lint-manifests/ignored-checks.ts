// Checks of manifest linters that are not heeded, each with its reason. Nothing is ignored anywhere else.
// A check that is not on this list and says "critical" or "failed" makes `npm run lint:manifests` fail.

/** One check that is not heeded. */
export interface IgnoredCheck {
  readonly tool: 'kube-score' | 'checkov';
  /** Its id, as the tool prints it. */
  readonly check: string;
  /** Only for objects whose name matches. @default - all */
  readonly object?: RegExp;
  readonly reason: string;
}

/** The list. */
export const ignoredChecks: readonly IgnoredCheck[] = [
  {
    tool: 'kube-score',
    check: 'container-image-pull-policy',
    reason:
      'Tags name versions and are never moved; a node that has the image needs no registry, and clusters without one work.',
  },
  {
    tool: 'kube-score',
    check: 'statefulset-has-servicename',
    object: /^postgres$/,
    reason:
      'One development server: nobody addresses its pod by name, and a plain Service keeps its address when the pod moves.',
  },
  {
    tool: 'kube-score',
    check: 'container-security-context-user-group-id',
    object: /^postgres$/,
    reason: "PostgreSQL's tools want a user that the image knows, and its images know 999.",
  },
  {
    tool: 'checkov',
    check: 'CKV_K8S_40',
    object: /\.postgres$/,
    reason: 'The same user of the image as above.',
  },
  {
    tool: 'checkov',
    check: 'CKV_K8S_43',
    reason: 'A digest belongs to a build, not to a source tree; image.tag takes tag@digest, and a deployment sets it.',
  },
  {
    tool: 'checkov',
    check: 'CKV_K8S_15',
    reason: 'Always pulling: the same reason as container-image-pull-policy.',
  },
  {
    tool: 'checkov',
    check: 'CKV_K8S_35',
    reason:
      'A service reads the same environment in a pod and on a laptop; its process starts no other that could inherit it.',
  },
  {
    tool: 'checkov',
    check: 'CKV_K8S_38',
    object: /\.(gateway-v1|release-secrets|otel-collector)$/,
    reason:
      'These use the Kubernetes API (the registry, the Job that creates Secrets, the collector), each by a Role for just that.',
  },
];
