// Which server of the Gateway objects takes a host: its port is the one that rules at the edge speak of.

import { hostMatches } from '../model/host-name.ts';
import type { RuleSet } from '../model/rule-set.ts';

/** @returns the port; undefined when no Gateway takes the host. */
export function gatewayPort(rules: RuleSet, host: string): number | undefined {
  // `namespace/host` limits whose VirtualServices may bind; the host is what callers name.
  for (const { spec } of rules.objects('Gateway'))
    for (const server of spec.servers ?? [])
      if (server.hosts.some((each) => hostMatches(each.slice(each.indexOf('/') + 1), host))) return server.port.number;
  return undefined;
}
