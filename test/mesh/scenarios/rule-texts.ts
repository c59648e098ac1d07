// Short forms for the Istio objects of scenarios.

function indented(spec: string): string {
  return spec
    .trim()
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}

function object(group: string, kind: string, name: string, spec: string): string {
  return `apiVersion: ${group}.istio.io/v1\nkind: ${kind}\nmetadata: { name: ${name}, namespace: NAMESPACE }\nspec:\n${indented(spec)}`;
}

export const SUBSETS = 'subsets:\n- { name: v1, labels: { version: v1 } }\n- { name: v2, labels: { version: v2 } }';
export const virtualService = (http: string): string =>
  object('networking', 'VirtualService', 'server', `hosts: [server]\nhttp:\n${http}`);
export const destinationRule = (traffic = ''): string =>
  object('networking', 'DestinationRule', 'server', `host: server\n${traffic}\n${SUBSETS}`);
export const authorization = (name: string, spec: string): string =>
  object('security', 'AuthorizationPolicy', name, `selector: { matchLabels: { app: server } }\n${spec}`);
export const strict = object('security', 'PeerAuthentication', 'default', 'mtls: { mode: STRICT }');
export const rules = (...texts: readonly string[]): string => texts.join('\n---\n');
export const to = (subset: string, more = ''): string => `{ destination: { host: server, subset: ${subset} }${more} }`;
