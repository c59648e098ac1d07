// Whether a peer that the mesh has verified is a service of the platform that may call for itself, with no user behind it.
// An edge never is: what it sends without a user comes from somebody outside who has not logged in.

/** Istio's form of a workload's identity. */
const workload = /^spiffe:\/\/[^/]+\/ns\/([^/]+)\/sa\/([^/]+)$/;

/** Service accounts that speak for the outside. */
const edges: ReadonlySet<string> = new Set(['gateway']);

/** Tells services of a namespace from everybody else, by their SPIFFE identity. */
export function servicePeers(namespace: string): (peer: string | undefined) => boolean {
  return (peer) => {
    const [, home, account = ''] = workload.exec(peer ?? '') ?? [];
    return home === namespace && !edges.has(account);
  };
}
