// Short forms for the Istio objects of scenarios. NAMESPACE and SERVER are replaced by the driver.

import type { Scenario } from '../scenario.ts';

function indented(spec: string): string {
  return spec
    .trim()
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}

export function object(group: string, kind: string, name: string, spec: string, namespace = 'NAMESPACE'): string {
  return `apiVersion: ${group}.istio.io/v1\nkind: ${kind}\nmetadata: { name: ${name}, namespace: ${namespace} }\nspec:\n${indented(spec)}`;
}

/** Nobody is v3. */
const SUBSETS = ['v1', 'v2', 'v3'].reduce(
  (text, each) => `${text}\n- { name: ${each}, labels: { version: ${each} } }`,
  'subsets:',
);
export const HOST = 'SERVER.NAMESPACE.svc.cluster.local';
const SELECTOR = 'selector: { matchLabels: { app: SERVER } }';

export const virtualService = (http: string): string =>
  object('networking', 'VirtualService', 'SERVER', `hosts: [${HOST}]\nhttp:\n${http}`);
export const destinationRule = (traffic = ''): string =>
  object('networking', 'DestinationRule', 'SERVER', `host: ${HOST}\n${traffic}\n${SUBSETS}`);
export const authorization = (name: string, spec: string): string =>
  object('security', 'AuthorizationPolicy', `SERVER-${name}`, `${SELECTOR}\n${spec}`);
export const peerAuthentication = (spec: string): string =>
  object('security', 'PeerAuthentication', 'SERVER', `${SELECTOR}\n${spec}`);
export const requestAuthentication = (spec: string): string =>
  object('security', 'RequestAuthentication', 'SERVER', `${SELECTOR}\n${spec}`);

/** A destination in a route. */
export const to = (subset: string, more = ''): string => `{ destination: { host: ${HOST}, subset: ${subset} }${more} }`;
/** A destination without a subset. */
export const everywhere = `{ destination: { host: ${HOST} } }`;
export const SHADOW = 'shadow.NAMESPACE.svc.cluster.local';

/** A scenario about calls: its rules name a host. */
export const traffic =
  (group: string) =>
  (name: string, http: string, steps: Scenario['steps'], policy = ''): Scenario => ({
    name,
    group,
    rules: `${destinationRule(policy)}\n---\n${virtualService(http)}`,
    steps,
  });

/** A scenario about who may call: its rules select the server's workload. */
export const guarded =
  (group: string) =>
  (name: string, rules: readonly string[], steps: Scenario['steps']): Scenario => ({
    name,
    group,
    alone: true,
    rules: rules.join('\n---\n'),
    steps,
  });
