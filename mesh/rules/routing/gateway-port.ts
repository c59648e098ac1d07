// Which server of the Gateway objects takes a host: its port is the one that rules at the edge speak of, and who may say
// where its requests go.
// Source: istio gateway.go, hosts of a server are `host`, `namespace/host`, `./host` or `*/host`.

import { hostMatches } from '../model/host-name.ts';
import type { RuleSet } from '../model/rule-set.ts';
import type { ManifestObject } from '../read/documents.ts';

const hostOf = (entry: string): string => entry.slice(entry.indexOf('/') + 1);

/** @returns the port; undefined when no Gateway takes the host. */
export function gatewayPort(rules: RuleSet, host: string): number | undefined {
  for (const { spec } of rules.objects('Gateway'))
    for (const server of spec.servers ?? [])
      if (server.hosts.some((each) => hostMatches(hostOf(each), host))) return server.port.number;
  return undefined;
}

/** Does a Gateway take the host, and let VirtualServices of this namespace say where its requests go? */
export function gatewayTakes(gateway: ManifestObject<'Gateway'>, host: string, namespace: string): boolean {
  return (gateway.spec.servers ?? []).some((server) =>
    server.hosts.some((entry) => {
      const slash = entry.indexOf('/');
      const owner = slash < 0 ? '*' : entry.slice(0, slash);
      const allowed = owner === '*' || owner === namespace || (owner === '.' && gateway.namespace === namespace);
      return allowed && hostMatches(hostOf(entry), host);
    }),
  );
}
