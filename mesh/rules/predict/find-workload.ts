// Finds the workload that a person means by a name: a Deployment, a service, or `ingress` for the gateway at the edge.
// A service with several versions gives several workloads.

import { findService, type RegistryService, serves, type Workload } from '../model/registry.ts';
import type { RuleSet } from '../model/rule-set.ts';

export const INGRESS = 'ingress';

export class UnknownNameError extends Error {
  constructor(what: string, name: string, known: readonly string[]) {
    super(
      `There is no ${what} named ${JSON.stringify(name)}. Known: ${known.length === 0 ? 'none' : known.join(', ')}.`,
    );
    this.name = 'UnknownNameError';
  }
}

/** The workload that stands for Istio's ingress gateway, with the identity that its Helm chart gives it. */
export function ingressWorkload(rules: RuleSet): Workload {
  const selector = rules.objects('Gateway')[0]?.spec.selector;
  return {
    name: 'istio-ingressgateway',
    namespace: rules.mesh.rootNamespace,
    serviceAccount: 'istio-ingressgateway',
    labels: selector ?? new Map([['istio', 'ingressgateway']]),
  };
}

/** The gateways that the ingress serves, as `namespace/name`. */
export function ingressGateways(rules: RuleSet): readonly string[] {
  return rules.objects('Gateway').map((each) => `${each.namespace}/${each.name}`);
}

function split(name: string): { readonly short: string; readonly namespace?: string } {
  const [short = name, namespace] = name.split('.');
  return namespace === undefined ? { short } : { short, namespace };
}

/** @param name - `checkout`, or `checkout.fairlead` where several namespaces have one. */
export function findServiceByName(rules: RuleSet, name: string): RegistryService {
  const { short, namespace } = split(name);
  const all = [...rules.registry.values()];
  const found =
    findService(rules.registry, name, namespace ?? '') ??
    all.find((each) => each.name === short && (namespace === undefined || each.namespace === namespace));
  if (found === undefined) throw new UnknownNameError('service', name, all.map((each) => each.name).sort());
  return found;
}

/** Workloads behind a service; one made from its selector when no manifest declares a Deployment. */
export function workloadsBehind(rules: RuleSet, service: RegistryService): readonly Workload[] {
  const found = rules.workloads.filter((each) => serves(service, each));
  if (found.length > 0) return found;
  return [
    {
      name: service.name,
      namespace: service.namespace,
      serviceAccount: service.name,
      labels: service.selector ?? new Map(),
    },
  ];
}

export function findWorkload(rules: RuleSet, name: string): Workload {
  if (name === INGRESS) return ingressWorkload(rules);
  const { short, namespace } = split(name);
  const named = rules.workloads.find(
    (each) => each.name === short && (namespace === undefined || each.namespace === namespace),
  );
  if (named !== undefined) return named;
  const service = [...rules.registry.values()].find(
    (each) => each.name === short && (namespace === undefined || each.namespace === namespace),
  );
  const behind = service === undefined ? undefined : workloadsBehind(rules, service)[0];
  if (behind === undefined)
    throw new UnknownNameError(
      'workload',
      name,
      [...new Set([...rules.workloads.map((each) => each.name), INGRESS])].sort(),
    );
  return behind;
}
