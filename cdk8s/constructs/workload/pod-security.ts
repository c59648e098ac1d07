// What Pod Security "restricted" asks of a pod and its containers, and a root filesystem that cannot be written.
// See https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted

/** Security context of a pod; the user is one that no image needs to know. */
export function podSecurity(user = 10_001): {
  runAsNonRoot: boolean;
  runAsUser: number;
  runAsGroup: number;
  fsGroup: number;
  seccompProfile: { type: 'RuntimeDefault' };
} {
  return {
    runAsNonRoot: true,
    runAsUser: user,
    runAsGroup: user,
    fsGroup: user,
    seccompProfile: { type: 'RuntimeDefault' },
  };
}

/** Security context of a container. */
export function containerSecurity(): {
  allowPrivilegeEscalation: boolean;
  privileged: boolean;
  readOnlyRootFilesystem: boolean;
  capabilities: { drop: string[] };
  seccompProfile: { type: 'RuntimeDefault' };
} {
  return {
    allowPrivilegeEscalation: false,
    privileged: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  };
}
