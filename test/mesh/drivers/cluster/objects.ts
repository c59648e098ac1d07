// The Kubernetes objects of the cluster driver: pods with the workload program, services, markers.
import { readdirSync, readFileSync } from 'node:fs';
import type { Protocol } from '../../scenario.ts';
import { CALLERS, instanceOf, type Member, named, SERVERS, serviceYaml } from '../cast.ts';
import { INGRESS_OBJECTS } from './edge.ts';

const WORKLOAD = new URL('../../workload/', import.meta.url);
const program = Object.fromEntries(
  readdirSync(WORKLOAD).map((file) => [file, readFileSync(new URL(file, WORKLOAD), 'utf8')]),
);

/** A running instance; `app` is its label and differs from its role where several scenarios have a server of their own. */
export interface Pod extends Member {
  readonly app: string;
}

/** Servers whose workload one scenario at a time has for itself. */
export const slotNames = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `guarded-${index + 1}`);

export const podsFor = (slots: readonly string[]): readonly Pod[] => [
  ...[...CALLERS, ...SERVERS].map((each) => ({ ...each, app: each.role })),
  ...slots.map((app) => ({ role: 'server', version: 'v1', serves: true, app })),
];
export const deploymentName = (pod: Pod): string => `${pod.app}-${pod.version}`;

function deployment(pod: Pod, namespace: string, image: string): object {
  const labels = { app: pod.app, version: pod.version };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: deploymentName(pod), namespace },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: {
          labels: { ...labels, 'sidecar.istio.io/inject': String(pod.sidecar !== false) },
          annotations: {
            // One worker thread: turns and limits are counted per thread.
            'proxy.istio.io/config': 'concurrency: 1\nholdApplicationUntilProxyStarts: true\n',
            'sidecar.istio.io/proxyCPU': '10m',
            'sidecar.istio.io/proxyMemory': '48Mi',
          },
        },
        spec: {
          serviceAccountName: pod.role,
          terminationGracePeriodSeconds: 1,
          containers: [
            {
              name: 'app',
              image,
              imagePullPolicy: 'IfNotPresent',
              command: ['node', '/app/parity/program.ts'],
              env: [{ name: 'INSTANCE', value: instanceOf(pod) }],
              ports: [
                { name: 'grpc', containerPort: 50051 },
                { name: 'http', containerPort: 8080 },
              ],
              readinessProbe: {
                tcpSocket: { port: 50051 },
                periodSeconds: 3,
                timeoutSeconds: 10,
                failureThreshold: 60,
              },
              resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '512Mi' } },
              // Below /app, so that the program finds the image's grpc-js.
              volumeMounts: [{ name: 'program', mountPath: '/app/parity' }],
            },
          ],
          volumes: [{ name: 'program', configMap: { name: 'program' } }],
        },
      },
    },
  };
}

/** Names under which `server` is called, and what is spoken there. */
export type Hosts = ReadonlyMap<string, Protocol>;

/**
 * Everything that does not change while scenarios run.
 *
 * @param edge - is there an ingress gateway?
 */
export function platform(pods: readonly Pod[], hosts: Hosts, namespace: string, image: string, edge: boolean): string {
  const roles = [...new Set(pods.map((each) => each.role))];
  const called = [...new Set(pods.filter((each) => each.serves === true).map((each) => each.app))];
  const items: object[] = [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'program', namespace }, data: program },
    ...roles.map((name) => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } })),
    ...pods.map((each) => deployment(each, namespace, image)),
  ];
  const texts = [
    ...(edge ? INGRESS_OBJECTS : []).map((each) => JSON.stringify(each)),
    ...called.map((app) => serviceYaml(app, ['grpc', 'http'])),
    ...[...hosts].map(([host, protocol]) => serviceYaml(host, [protocol], 'server')),
  ];
  return [...items.map((each) => JSON.stringify(each)), ...texts.map((text) => named(text, { namespace }))].join(
    '\n---\n',
  );
}

/**
 * A rule whose effect a caller can see, and which changes with each set of rules: when a sidecar follows it, that sidecar
 * has what was written before. Istio sends a sidecar all its configuration in one order, routes last.
 */
export const marker = (name: string, value: string): string => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: marker-${name}, namespace: NAMESPACE }
spec:
  hosts: [marker-${name}.NAMESPACE.svc.cluster.local]
  http:
  - match: [{ headers: { x-marker: { exact: '${value}' } } }]
    fault: { abort: { grpcStatus: ABORTED, percentage: { value: 100 } } }
    route: [{ destination: { host: marker-${name}.NAMESPACE.svc.cluster.local } }]
  - fault: { abort: { grpcStatus: OUT_OF_RANGE, percentage: { value: 100 } } }
    route: [{ destination: { host: marker-${name}.NAMESPACE.svc.cluster.local } }]`;
/** gRPC status of a marker that is in force: ABORTED. */
export const MARKED = 10;
