// Host names as Istio compares them: short names belong to a namespace, wildcards match by suffix, the longest wins.
// Sources: istio pkg/config/host (Matches, SubsetOf), pilot model.ResolveShortnameToFQDN.

/** `payment` written in namespace `fairlead` is `payment.fairlead.svc.cluster.local`; a dotted name is taken as it is. */
export function qualifyHost(host: string, namespace: string): string {
  return host.includes('.') || host.includes('*') || host === '' ? host : `${host}.${namespace}.svc.cluster.local`;
}

/** Does `pattern` (a name, or a wildcard such as `*.fairlead.svc.cluster.local` or `*`) cover `host`? */
export function hostMatches(pattern: string, host: string): boolean {
  if (!pattern.startsWith('*')) return pattern === host;
  const suffix = pattern.slice(1);
  return host.startsWith('*') ? host.slice(1).endsWith(suffix) : host.endsWith(suffix) && host.length > suffix.length;
}

/** Orders candidates so that the most specific comes first: exact names, then longer wildcards. */
export function moreSpecific(left: string, right: string): number {
  const wildLeft = left.startsWith('*');
  const wildRight = right.startsWith('*');
  if (wildLeft !== wildRight) return wildLeft ? 1 : -1;
  return right.length - left.length;
}

/** Does an exporting object's `exportTo` make it visible in a namespace? Absent means everywhere. */
export function exportedTo(exportTo: readonly string[] | undefined, owner: string, viewer: string): boolean {
  if (exportTo === undefined || exportTo.length === 0) return true;
  return exportTo.some((each) => each === '*' || (each === '.' ? owner === viewer : each === viewer));
}

/** Are all of `selector`'s labels on the workload? An empty selector selects everything. */
export function labelsMatch(
  selector: ReadonlyMap<string, string> | undefined,
  labels: ReadonlyMap<string, string>,
): boolean {
  for (const [key, value] of selector ?? []) if (labels.get(key) !== value) return false;
  return true;
}
