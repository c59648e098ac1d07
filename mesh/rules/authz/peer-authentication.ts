// Which transport a workload's port takes: mTLS only, either, or plaintext.
// Source: Istio reference/config/security/peer_authentication: workload over namespace over mesh; UNSET inherits; default PERMISSIVE.

import { labelsMatch } from '../model/host-name.ts';
import type { Workload } from '../model/registry.ts';
import type { RuleSet } from '../model/rule-set.ts';
import type { ManifestObject } from '../read/documents.ts';

export type PeerMode = 'STRICT' | 'PERMISSIVE' | 'DISABLE';

export interface PeerRequirement {
  readonly mode: PeerMode;
  /** The policy that says so, if one does. */
  readonly policy?: ManifestObject<'PeerAuthentication'>;
}

export function peerRequirement(rules: RuleSet, workload: Workload, port: number): PeerRequirement {
  const all = rules.objects('PeerAuthentication');
  const selective = (each: ManifestObject<'PeerAuthentication'>): boolean =>
    (each.spec.selector?.matchLabels?.size ?? 0) > 0;
  const own = all.find(
    (each) =>
      each.namespace === workload.namespace &&
      selective(each) &&
      labelsMatch(each.spec.selector?.matchLabels, workload.labels),
  );
  const levels = [
    own,
    all.find((each) => each.namespace === workload.namespace && !selective(each)),
    all.find((each) => each.namespace === rules.mesh.rootNamespace && !selective(each)),
  ];
  const portMode = own?.spec.portLevelMtls?.get(String(port))?.mode;
  if (own !== undefined && portMode !== undefined && portMode !== 'UNSET') return { mode: portMode, policy: own };
  for (const policy of levels) {
    const mode = policy?.spec.mtls?.mode;
    if (policy !== undefined && mode !== undefined && mode !== 'UNSET') return { mode, policy };
  }
  return { mode: 'PERMISSIVE' };
}
