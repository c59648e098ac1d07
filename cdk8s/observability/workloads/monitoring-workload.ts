// One component of the observability stack: Deployment, Service, account, configuration and network policy.
// They run outside the mesh, in a namespace of their own where Pod Security "restricted" is enforced.

import { containerSecurity, podSecurity } from '../../constructs/workload/pod-security.ts';
import type { Manifested } from '../../objects/models.ts';

/** A peer of a network policy with the ports that it may use, or that may be used there. */
export interface Edge {
  /** App in the same namespace, `namespace:<name>` for all pods of one, or absent for anywhere. */
  readonly peer?: string;
  readonly ports: readonly number[];
}

/** Options of {@link monitoringWorkload}. */
export interface MonitoringWorkloadProps {
  readonly namespace: string;
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  /** Port names and numbers. */
  readonly ports: Readonly<Record<string, number>>;
  /** Files by folder; each folder is a ConfigMap of its own. */
  readonly files: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Folders that are written. */
  readonly scratch?: readonly string[];
  readonly probe: { readonly path: string; readonly port: number };
  readonly user: number;
  readonly memory: { readonly request: string; readonly limit: string };
  readonly ingress: readonly Edge[];
  readonly egress: readonly Edge[];
  /** Uses the Kubernetes API. @default false */
  readonly kubernetesApi?: boolean;
}

function peerOf(peer: string): object {
  const [kind, name] = peer.split(':');
  return name === undefined
    ? { podSelector: { matchLabels: { app: kind } } }
    : { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } };
}

function rules(edges: readonly Edge[], key: 'from' | 'to'): object[] {
  return edges.map(({ peer, ports }) => ({
    ...(peer === undefined ? {} : { [key]: [peerOf(peer)] }),
    ports: ports.map((port) => ({ protocol: 'TCP', port })),
  }));
}

function folderName(name: string, folder: string): string {
  const last =
    folder
      .split('/')
      .filter((part) => part !== '')
      .at(-1) ?? 'files';
  return last === name ? name : `${name}-${last}`;
}

/** Objects of one component. */
export function monitoringWorkload(props: MonitoringWorkloadProps): Manifested[] {
  const { namespace, name } = props;
  const labels = { app: name, 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': namespace };
  const metadata = { name, namespace, labels };
  const folders = Object.entries(props.files);
  const probe = { httpGet: props.probe, periodSeconds: 10, timeoutSeconds: 3, failureThreshold: 3 };
  const scratch = props.scratch ?? [];
  const container = {
    name,
    image: props.image,
    imagePullPolicy: 'IfNotPresent',
    args: props.args,
    env: Object.entries(props.env ?? {}).map(([variable, value]) => ({ name: variable, value })),
    ports: Object.entries(props.ports).map(([port, containerPort]) => ({ name: port, containerPort, protocol: 'TCP' })),
    readinessProbe: probe,
    livenessProbe: {
      tcpSocket: { port: props.probe.port },
      periodSeconds: 20,
      timeoutSeconds: 3,
      failureThreshold: 6,
      initialDelaySeconds: 20,
    },
    resources: {
      requests: { cpu: '20m', memory: props.memory.request, 'ephemeral-storage': '64Mi' },
      limits: { cpu: '1000m', memory: props.memory.limit, 'ephemeral-storage': '2Gi' },
    },
    securityContext: containerSecurity(),
    volumeMounts: [
      ...folders.map(([folder]) => ({ name: folderName(name, folder), mountPath: folder, readOnly: true })),
      ...scratch.map((folder, index) => ({ name: `scratch-${index}`, mountPath: folder })),
    ],
  };
  const pod = {
    serviceAccountName: name,
    automountServiceAccountToken: props.kubernetesApi === true,
    enableServiceLinks: false,
    securityContext: podSecurity(props.user),
    containers: [container],
    volumes: [
      ...folders.map(([folder]) => ({ name: folderName(name, folder), configMap: { name: folderName(name, folder) } })),
      ...scratch.map((_, index) => ({ name: `scratch-${index}`, emptyDir: { sizeLimit: '1Gi' } })),
    ],
  };
  const dns = {
    ports: [
      { protocol: 'UDP', port: 53 },
      { protocol: 'TCP', port: 53 },
    ],
  };
  const api =
    props.kubernetesApi === true
      ? [
          {
            ports: [
              { protocol: 'TCP', port: 443 },
              { protocol: 'TCP', port: 6443 },
            ],
          },
        ]
      : [];
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata, automountServiceAccountToken: false },
    ...folders.map(([folder, data]) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { ...metadata, name: folderName(name, folder) },
      data,
    })),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: {
        type: 'ClusterIP',
        selector: { app: name },
        ports: Object.entries(props.ports).map(([port, number]) => ({
          name: port,
          port: number,
          targetPort: port,
          protocol: 'TCP',
        })),
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: 1,
        revisionHistoryLimit: 3,
        strategy: { type: 'Recreate' },
        selector: { matchLabels: { app: name } },
        template: { metadata: { labels: { ...labels, 'sidecar.istio.io/inject': 'false' } }, spec: pod },
      },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata,
      spec: {
        podSelector: { matchLabels: { app: name } },
        policyTypes: ['Ingress', 'Egress'],
        ingress: rules(props.ingress, 'from'),
        egress: [dns, ...api, ...rules(props.egress, 'to')],
      },
    },
  ];
}
