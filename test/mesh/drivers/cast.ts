// Who takes part in a scenario, with the plain Kubernetes objects that both drivers need for them.
import type { Scenario } from '../scenario.ts';

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

export const serviceYaml = (name: string, app = name): string =>
  `apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: NAMESPACE }
spec: { selector: { app: ${app} }, ports: [{ name: grpc, port: 50051, targetPort: 50051, appProtocol: grpc }] }`;

export const accountYaml = (name: string): string =>
  `apiVersion: v1
kind: ServiceAccount
metadata: { name: ${name}, namespace: NAMESPACE }`;

/** Puts the names of a driver into the texts of a scenario. */
export const named = (text: string, namespace: string, server: string): string =>
  text.replaceAll('NAMESPACE', namespace).replaceAll('SERVER', server);
