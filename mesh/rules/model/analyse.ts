// Warnings about rules that are valid and probably not what was meant, in the spirit of `istioctl analyze`.
// A warning never changes a decision; it is printed at start and by `explain`.

import type { ManifestObject } from '../read/documents.ts';
import type { Problem } from '../read/problem.ts';
import { positionOf } from '../read/source-position.ts';
import { labelsMatch, qualifyHost } from './host-name.ts';
import { findService } from './registry.ts';
import type { RuleSet } from './rule-set.ts';

type Rules = Omit<RuleSet, 'warnings'>;

export function analyse(rules: Rules): Problem[] {
  return [...virtualServices(rules), ...destinationRules(rules), ...policies(rules)];
}

function warning(object: ManifestObject, at: object | undefined, field: string, message: string): Problem {
  const position = positionOf(at) ?? object.position;
  return {
    ...position,
    field: position.field === '' ? field : position.field,
    severity: 'warning',
    object: `${object.kind} ${object.namespace}/${object.name}`,
    message,
  };
}

function* virtualServices(rules: Rules): Generator<Problem> {
  const owners = new Map<string, ManifestObject>();
  const subsets = declaredSubsets(rules);
  for (const object of rules.objects('VirtualService')) {
    const gateways = object.spec.gateways ?? ['mesh'];
    for (const host of object.spec.hosts) {
      const name = qualifyHost(host, object.namespace);
      const owner = owners.get(name);
      if (gateways.includes('mesh') && owner !== undefined)
        yield warning(
          object,
          object.spec.hosts,
          'spec.hosts',
          `${name} is already routed by VirtualService ${owner.namespace}/${owner.name}: sidecars use that one alone`,
        );
      else if (gateways.includes('mesh')) owners.set(name, object);
    }
    for (const name of gateways.filter((each) => each !== 'mesh')) {
      const [namespace, gateway] = name.includes('/') ? name.split('/') : [object.namespace, name];
      if (!rules.objects('Gateway').some((each) => each.name === gateway && each.namespace === namespace))
        yield warning(object, object.spec.gateways, 'spec.gateways', `no manifest declares the Gateway ${name}`);
    }
    for (const route of object.spec.http ?? []) {
      const mirrors = [
        ...(route.mirror === undefined ? [] : [route.mirror]),
        ...(route.mirrors ?? []).map((each) => each.destination),
      ];
      for (const destination of [...(route.route ?? []).map((each) => each.destination), ...mirrors]) {
        const host = qualifyHost(destination.host, object.namespace);
        const service = findService(rules.registry, host, object.namespace);
        if (service === undefined)
          yield warning(object, destination, 'host', `no manifest declares the host ${host}: calls get UNAVAILABLE`);
        else if (destination.subset !== undefined && subsets.get(service.host)?.has(destination.subset) !== true)
          yield warning(
            object,
            destination,
            'subset',
            `no DestinationRule declares the subset ${destination.subset} of ${host}: calls get UNAVAILABLE`,
          );
      }
    }
  }
}

function declaredSubsets(rules: Rules): Map<string, Set<string>> {
  const subsets = new Map<string, Set<string>>();
  for (const { spec, namespace } of rules.objects('DestinationRule')) {
    const host = findService(rules.registry, qualifyHost(spec.host, namespace), namespace)?.host ?? spec.host;
    const names = subsets.get(host) ?? new Set();
    for (const subset of spec.subsets ?? []) names.add(subset.name);
    subsets.set(host, names);
  }
  return subsets;
}

function* destinationRules(rules: Rules): Generator<Problem> {
  for (const object of rules.objects('DestinationRule')) {
    const host = qualifyHost(object.spec.host, object.namespace);
    const service = findService(rules.registry, host, object.namespace);
    if (service === undefined && !host.includes('*'))
      yield warning(object, undefined, 'spec.host', `no manifest declares the host ${host}`);
    const behind =
      service === undefined
        ? []
        : rules.workloads.filter(
            (each) =>
              each.namespace === service.namespace &&
              service.selector !== undefined &&
              labelsMatch(service.selector, each.labels),
          );
    const instances = behind.reduce((sum, each) => sum + each.replicas, 0);
    const outlier = object.spec.trafficPolicy?.outlierDetection;
    const share = outlier?.maxEjectionPercent ?? 10;
    if (outlier !== undefined && instances > 1 && 100 / instances > (share === 0 ? 10 : share))
      yield warning(
        object,
        outlier,
        'outlierDetection',
        `with ${instances} instances, maxEjectionPercent ${share} never ejects one (Envoy ejects while (ejected + 1) / instances stays within it)`,
      );
    for (const subset of object.spec.subsets ?? [])
      if (behind.length > 0 && !behind.some((each) => labelsMatch(subset.labels, each.labels)))
        yield warning(object, subset, 'labels', `no Deployment behind ${host} has the labels of subset ${subset.name}`);
  }
}

function* policies(rules: Rules): Generator<Problem> {
  for (const object of rules.objects('AuthorizationPolicy')) {
    if (object.spec.action === 'CUSTOM')
      yield warning(
        object,
        undefined,
        'spec.action',
        'CUSTOM is not supported here: every call to the selected workloads is denied, rather than let through unasked',
      );
    const selector = object.spec.selector?.matchLabels;
    if (
      selector !== undefined &&
      selector.size > 0 &&
      object.namespace !== rules.mesh.rootNamespace &&
      rules.workloads.length > 0 &&
      !rules.workloads.some((each) => each.namespace === object.namespace && labelsMatch(selector, each.labels))
    )
      yield warning(
        object,
        object.spec.selector,
        'spec.selector',
        'selects no Deployment or StatefulSet of its namespace',
      );
  }
}
