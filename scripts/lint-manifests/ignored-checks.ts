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
];
