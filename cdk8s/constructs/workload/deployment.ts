// A Deployment a version, made so that a rollout, a scale-down or a deleted pod fails no call.
// preStop keeps a pod serving while endpoints forget it; only then does SIGTERM make it drain.
import type { Construct } from 'constructs';
import { adminPort, grpcPort } from '../../model/checks/names.ts';
import type { ServiceModel } from '../../model/service-model.ts';
import { meshObject } from '../../objects/mesh-object.ts';
import { type Expression, not, when } from '../../values/expression.ts';
import type { ReleaseChart } from '../release-chart.ts';
import { environmentOf, type IdentityEndpoint } from './environment.ts';
import { containerSecurity, podSecurity } from './pod-security.ts';
import { probesOf } from './probes.ts';
import type { ServiceValues } from './service-values.ts';

/** Seconds that a pod serves on after it was told to go, until every sidecar has heard of it. */
export const lameDuckSeconds = 8;
/** Seconds for calls in flight, the lame duck's time included. */
export const graceSeconds = 45;

/** Options of {@link deployment}. */
export interface DeploymentProps {
  readonly service: ServiceModel;
  readonly version: string;
  readonly image: Expression<string>;
  readonly values: ServiceValues;
  /** @default - the service verifies no access tokens */
  readonly identity?: IdentityEndpoint | undefined;
}

/** Sidecar settings: start first, and stay while calls are open. */
const sidecarConfig = [
  'holdApplicationUntilProxyStarts: true',
  `terminationDrainDuration: ${graceSeconds - 5}s`,
  'proxyMetadata:',
  '  EXIT_ON_ZERO_ACTIVE_CONNECTIONS: "true"',
  '',
].join('\n');

function ports(service: ServiceModel): { name: string; containerPort: number; protocol: 'TCP' }[] {
  const { httpPort } = service.manifest;
  return [
    ...(service.contract === undefined ? [] : [{ name: 'grpc', containerPort: grpcPort, protocol: 'TCP' as const }]),
    ...(httpPort === undefined ? [] : [{ name: 'http', containerPort: httpPort, protocol: 'TCP' as const }]),
    { name: 'http-admin', containerPort: adminPort, protocol: 'TCP' },
  ];
}

/** Spreads a version's pods over nodes and zones, as far as there are any. */
function spread(app: string, version: string): object[] {
  return ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: { app, version } },
  }));
}

/** Adds the Deployment of one version. */
export function deployment(scope: Construct, chart: ReleaseChart, props: DeploymentProps): void {
  const { service, version, values } = props;
  const { name } = service;
  const selector = { app: name, version };
  const labels = { ...chart.labelsOf(name), ...selector };
  meshObject(
    scope,
    'Deployment',
    { name: `${name}-${version}`, labels },
    {
      spec: {
        // The autoscaler owns the number where there is one.
        replicas: when(not(values.autoscaling.enabled), values.replicas.token),
        revisionHistoryLimit: 3,
        minReadySeconds: 2,
        progressDeadlineSeconds: 300,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        selector: { matchLabels: selector },
        template: {
          metadata: {
            labels: { ...labels, 'sidecar.istio.io/inject': 'true' },
            annotations: { 'proxy.istio.io/config': sidecarConfig },
          },
          spec: {
            serviceAccountName: name,
            automountServiceAccountToken: service.policy.kubernetesApi !== undefined,
            enableServiceLinks: false,
            terminationGracePeriodSeconds: graceSeconds,
            imagePullSecrets: chart.globals.imagePullSecrets.token as { name: string }[],
            securityContext: podSecurity(),
            topologySpreadConstraints: spread(name, version) as never,
            affinity: {
              podAntiAffinity: {
                preferredDuringSchedulingIgnoredDuringExecution: [
                  {
                    weight: 100,
                    podAffinityTerm: {
                      topologyKey: 'kubernetes.io/hostname',
                      labelSelector: { matchLabels: selector },
                    },
                  },
                ],
              },
            },
            containers: [
              {
                name,
                image: props.image.token,
                imagePullPolicy: chart.globals.imagePullPolicy.token,
                command: ['node', 'kit/run/main.ts', name],
                ports: ports(service),
                env: environmentOf(chart, service, version, props.identity) as never,
                ...probesOf(service),
                lifecycle: { preStop: { exec: { command: ['sleep', String(lameDuckSeconds)] } } },
                resources: {
                  requests: {
                    cpu: values.requests.cpu.token,
                    memory: values.requests.memory.token,
                    'ephemeral-storage': '16Mi',
                  },
                  limits: {
                    cpu: values.limits.cpu.token,
                    memory: values.limits.memory.token,
                    'ephemeral-storage': '256Mi',
                  },
                },
                securityContext: containerSecurity(),
                volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
              },
            ],
            volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '128Mi' } }],
          },
        },
      },
    },
  );
}
