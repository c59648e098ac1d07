// The pods of the measurement in a cluster: a server and a caller with Envoy sidecars, and the same two without.
import { readFileSync } from 'node:fs';

const sources = ['./echo-server.ts', './report-usage.ts', './load.ts', './pod-caller.ts'];

export interface Side {
  readonly name: 'direct' | 'sidecars';
  readonly title: string;
}

export const sides: readonly Side[] = [
  { name: 'direct', title: 'transport, pod to pod' },
  { name: 'sidecars', title: 'transport, through two Envoy sidecars' },
];

const fileName = (source: string): string => source.slice(source.lastIndexOf('/') + 1);

function deployment(side: Side, role: 'server' | 'caller', image: string): object {
  const name = `${side.name}-${role}`;
  const command =
    role === 'server' ? ['node', '/app/bench/echo-server.ts', 'transport', '0.0.0.0:50051'] : ['sleep', 'infinity'];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: {
          labels: { app: name, 'sidecar.istio.io/inject': String(side.name === 'sidecars') },
          annotations: { 'proxy.istio.io/config': 'holdApplicationUntilProxyStarts: true' },
        },
        spec: {
          terminationGracePeriodSeconds: 1,
          containers: [
            {
              name: 'app',
              image,
              imagePullPolicy: 'IfNotPresent',
              command,
              ...(role === 'server' ? { readinessProbe: { tcpSocket: { port: 50051 }, periodSeconds: 1 } } : {}),
              volumeMounts: [{ name: 'program', mountPath: '/app/bench' }],
            },
          ],
          volumes: [{ name: 'program', configMap: { name: 'program' } }],
        },
      },
    },
  };
}

const service = ({ name }: Side): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: `${name}-server` },
  spec: { selector: { app: `${name}-server` }, ports: [{ name: 'grpc', port: 50051, appProtocol: 'grpc' }] },
});

/** All objects, as one document that kubectl takes. */
export function objects(image: string): string {
  const data = Object.fromEntries(
    sources.map((source) => [fileName(source), readFileSync(new URL(source, import.meta.url), 'utf8')]),
  );
  const items = [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'program' }, data },
    ...sides.flatMap((side) => [deployment(side, 'server', image), deployment(side, 'caller', image), service(side)]),
  ];
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}
