// `Charge` is easier to type than `/fairlead.payment.v1.PaymentService/Charge`: finds the path among those the rules name.
// The engine does not know the contracts, so a method that no rule names has to be written in full.

import { selects } from '../authz/authorize.ts';
import { qualifyHost } from '../model/host-name.ts';
import type { RegistryService } from '../model/registry.ts';
import { serves } from '../model/registry.ts';
import type { RuleSet } from '../model/rule-set.ts';
import { UnknownNameError } from './find-workload.ts';

/** Every full gRPC path that rules about this service name. */
export function knownPaths(rules: RuleSet, service: RegistryService): readonly string[] {
  const paths = new Set<string>();
  for (const { spec, namespace } of rules.objects('VirtualService')) {
    if (!spec.hosts.some((host) => qualifyHost(host, namespace) === service.host)) continue;
    for (const route of spec.http ?? [])
      for (const match of route.match ?? []) if (match.uri?.exact) paths.add(match.uri.exact);
  }
  for (const object of rules.objects('AuthorizationPolicy')) {
    const selected = rules.workloads.some(
      (each) => serves(service, each) && selects(rules, object, object.spec.selector?.matchLabels, each),
    );
    if (!selected) continue;
    for (const rule of object.spec.rules ?? [])
      for (const { operation } of rule.to ?? []) for (const path of operation.paths ?? []) paths.add(path);
  }
  return [...paths].filter((path) => /^\/[\w.]+\/\w+$/.test(path)).sort();
}

export function resolveMethod(rules: RuleSet, service: RegistryService, method: string): string {
  if (method.startsWith('/')) return method;
  if (method.includes('/')) return `/${method}`;
  const known = knownPaths(rules, service);
  const found = known.filter((path) => path.endsWith(`/${method}`));
  if (found.length === 1 && found[0] !== undefined) return found[0];
  throw new UnknownNameError(
    found.length === 0
      ? `method of ${service.name} in any rule (write it in full, as /package.Service/Method)`
      : 'single method',
    method,
    found.length === 0 ? known : found,
  );
}
