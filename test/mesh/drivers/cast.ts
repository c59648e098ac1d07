// Who takes part in a scenario, with the plain Kubernetes objects that both drivers need for them.
import type { Protocol, Request, Scenario } from '../scenario.ts';

export interface Member {
  /** What scenarios call it, and its service account. */
  readonly role: string;
  readonly version: string;
  /** @default true */
  readonly sidecar?: boolean;
  /** It is called. @default false */
  readonly serves?: boolean;
}

export const CALLERS: readonly Member[] = [
  { role: 'client', version: 'v1' },
  { role: 'stranger', version: 'v1' },
  { role: 'outsider', version: 'v1', sidecar: false },
];
export const SERVERS: readonly Member[] = [
  { role: 'server', version: 'v1', serves: true },
  { role: 'server', version: 'v2', serves: true },
  { role: 'shadow', version: 'v1', serves: true },
];

/** Who answers in a scenario. */
export const servers = (scenario: Scenario): readonly Member[] =>
  scenario.alone === true ? SERVERS.slice(0, 1) : SERVERS;
export const instanceOf = ({ role, version }: Member): string => `${role}-${version}`;

const PORTS: Readonly<Record<Protocol, string>> = {
  grpc: '{ name: grpc, port: 50051, targetPort: 50051, appProtocol: grpc }',
  http: '{ name: http, port: 8080, targetPort: 8080, appProtocol: http }',
};

export const serviceYaml = (name: string, protocols: readonly Protocol[], app = name): string =>
  `apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: NAMESPACE }
spec: { selector: { app: ${app} }, ports: [${protocols.map((each) => PORTS[each]).join(', ')}] }`;

export const accountYaml = (name: string): string =>
  `apiVersion: v1
kind: ServiceAccount
metadata: { name: ${name}, namespace: NAMESPACE }`;

/** What a driver puts in the place of the names in a scenario's texts. */
export interface Names {
  readonly namespace: string;
  /** The scenario's `server`. */
  readonly server?: string;
  /** Namespace of the ingress gateway. */
  readonly gateways?: string;
  /** Address from which requests from outside come. */
  readonly outside?: string;
}

export const named = (text: string, { namespace, server = '', gateways = '', outside = '' }: Names): string =>
  text
    .replaceAll('NAMESPACE', namespace)
    .replaceAll('SERVER', server)
    .replaceAll('GATEWAYS', gateways)
    .replaceAll('OUTSIDE', outside);

/** The host under which a scenario's server is known outside. */
export const EDGE_HOST = 'SERVER.parity.test';

export const namedRequest = (request: Request, names: Names): Request =>
  JSON.parse(named(JSON.stringify({ host: EDGE_HOST, ...request }), names)) as Request;
