// Short forms for scenarios about requests from outside: their Gateway, the VirtualService bound to it, policies of the gateway.
import type { Scenario } from '../../scenario.ts';
import { destinationRule, HOST, object } from '../rule-texts.ts';

const INGRESS = 'istio: edge-NAMESPACE';
const AT_INGRESS = `selector: { matchLabels: { ${INGRESS} } }`;
/** The host under which requests from outside call, where they do not say another. */
const OUTSIDE_HOST = 'SERVER.parity.test';

/** @param name - of one of several. */
export const gateway = (hosts: readonly string[], name = 'SERVER'): string =>
  object(
    'networking',
    'Gateway',
    name,
    `selector: { ${INGRESS} }\nservers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: [${hosts.map((each) => `"${each}"`)}] }]`,
  );

/** A policy of the ingress gateway. */
export const ingressAuthorization = (spec: string): string =>
  object('security', 'AuthorizationPolicy', 'SERVER-ingress', `${AT_INGRESS}\n${spec}`, 'GATEWAYS');
export const ingressAuthentication = (spec: string): string =>
  object('security', 'RequestAuthentication', 'SERVER-ingress', `${AT_INGRESS}\n${spec}`, 'GATEWAYS');

/** A destination of HTTP in a route. */
export const web = (subset: string, more = ''): string =>
  `{ destination: { host: ${HOST}, subset: ${subset}, port: { number: 8080 } }${more} }`;
export const webEverywhere = `{ destination: { host: ${HOST}, port: { number: 8080 } } }`;
export const toWeb = `- route: [${web('v1')}]`;

export interface EdgeRules {
  /** Of the Gateway. @default the server's own */
  readonly hosts?: readonly string[];
  /** Of the VirtualService. @default those of the Gateway */
  readonly routed?: readonly string[];
  /** Traffic policy of the DestinationRule. */
  readonly policy?: string;
  /** More objects. */
  readonly more?: readonly string[];
}

const edgeRules = (http: string, { hosts = [OUTSIDE_HOST], routed = hosts, policy, more = [] }: EdgeRules): string =>
  [
    destinationRule(policy),
    gateway(hosts),
    object(
      'networking',
      'VirtualService',
      'SERVER',
      `hosts: [${routed.map((each) => `"${each}"`)}]\ngateways: [SERVER]\nhttp:\n${http}`,
    ),
    ...more,
  ].join('\n---\n');

/** A scenario about requests from outside. */
export const edge =
  (group: string) =>
  (name: string, http: string, steps: Scenario['steps'], rules: EdgeRules = {}): Scenario => ({
    name,
    group,
    protocol: 'http',
    rules: edgeRules(http, rules),
    steps,
  });

/** The same where rules select the server's workload. */
export const guardedEdge =
  (group: string) =>
  (name: string, http: string, steps: Scenario['steps'], rules: EdgeRules): Scenario => ({
    ...edge(group)(name, http, steps, rules),
    alone: true,
  });
