// The observability stack as objects: collector, Jaeger, Prometheus, Grafana, in a namespace of their own.
// Plain Deployments without custom resources; clusters with the Prometheus operator get the same rules in operator/.
import { stringify } from 'yaml';
import type { PlatformModel } from '../model/service-model.ts';
import type { Manifested } from '../objects/models.ts';
import { dashboards } from './dashboards/dashboards.ts';
import { objectiveRules, type RuleGroup } from './rules/objectives.ts';
import { platformRules } from './rules/platform-rules.ts';
import { collectorConfig } from './workloads/collector.ts';
import { grafanaEnvironment, grafanaProviders, grafanaSources } from './workloads/grafana.ts';
import { monitoringWorkload } from './workloads/monitoring-workload.ts';

/** All rule groups of a platform. */
export function ruleGroups(platform: PlatformModel): RuleGroup[] {
  return [...platform.services.flatMap(objectiveRules), ...platformRules()];
}

function namespaceObjects(namespace: string): Manifested[] {
  const enforce = (mode: string): [string, string] => [`pod-security.kubernetes.io/${mode}`, 'restricted'];
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: namespace,
        labels: Object.fromEntries([enforce('enforce'), enforce('audit'), enforce('warn')]),
      },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'deny-by-default', namespace },
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    },
  ];
}

/** The collector finds the platform's pods, and may read nothing else. */
function discoveryRole(namespace: string, platform: string): Manifested[] {
  const metadata = { name: 'otel-collector', namespace: platform };
  return [
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata,
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'otel-collector' },
      subjects: [{ kind: 'ServiceAccount', name: 'otel-collector', namespace }],
    },
  ];
}

function collector(namespace: string, platform: string): Manifested[] {
  return monitoringWorkload({
    namespace,
    name: 'otel-collector',
    image: 'otel/opentelemetry-collector-contrib:0.139.0',
    args: ['--config=/etc/collector/collector.yaml'],
    ports: { otlp: 4317 },
    files: { '/etc/collector': { 'collector.yaml': collectorConfig(platform) } },
    probe: { path: '/', port: 13133 },
    user: 10_001,
    memory: { request: '96Mi', limit: '384Mi' },
    kubernetesApi: true,
    ingress: [
      { peer: `namespace:${platform}`, ports: [4317] },
      { peer: 'namespace:istio-system', ports: [4317] },
    ],
    egress: [
      { peer: 'jaeger', ports: [4317] },
      { peer: 'prometheus', ports: [9090] },
      { peer: `namespace:${platform}`, ports: [9090, 15090] },
    ],
  });
}

function prometheus(namespace: string, groups: readonly RuleGroup[]): Manifested[] {
  const config = { global: { evaluation_interval: '15s' }, rule_files: ['/etc/prometheus/rules/*.yaml'] };
  return monitoringWorkload({
    namespace,
    name: 'prometheus',
    image: 'prom/prometheus:v3.7.3',
    args: [
      '--config.file=/etc/prometheus/config/prometheus.yaml',
      '--storage.tsdb.path=/prometheus',
      '--storage.tsdb.retention.time=5d',
      '--web.enable-remote-write-receiver',
    ],
    ports: { http: 9090 },
    files: {
      '/etc/prometheus/config': { 'prometheus.yaml': stringify(config) },
      '/etc/prometheus/rules': { 'rules.yaml': stringify({ groups }, { lineWidth: 0, aliasDuplicateObjects: false }) },
    },
    scratch: ['/prometheus'],
    probe: { path: '/-/ready', port: 9090 },
    user: 65_534,
    memory: { request: '128Mi', limit: '768Mi' },
    ingress: [
      { peer: 'otel-collector', ports: [9090] },
      { peer: 'grafana', ports: [9090] },
    ],
    egress: [],
  });
}

function jaeger(namespace: string): Manifested[] {
  return monitoringWorkload({
    namespace,
    name: 'jaeger',
    image: 'jaegertracing/jaeger:2.11.0',
    args: [],
    ports: { otlp: 4317, http: 16_686 },
    files: {},
    scratch: ['/tmp'],
    probe: { path: '/status', port: 13_133 },
    user: 10_001,
    memory: { request: '96Mi', limit: '512Mi' },
    ingress: [
      { peer: 'otel-collector', ports: [4317] },
      { peer: 'grafana', ports: [16_686] },
    ],
    egress: [],
  });
}

function grafana(namespace: string): Manifested[] {
  const files = Object.fromEntries(
    Object.entries(dashboards()).map(([name, json]) => [name, `${JSON.stringify(json, undefined, 1)}\n`]),
  );
  return monitoringWorkload({
    namespace,
    name: 'grafana',
    image: 'grafana/grafana:12.2.1',
    args: [],
    ports: { http: 3000 },
    files: {
      '/etc/grafana/provisioning/datasources': { 'sources.yaml': grafanaSources() },
      '/etc/grafana/provisioning/dashboards': { 'providers.yaml': grafanaProviders() },
      '/var/lib/boards': files,
    },
    env: grafanaEnvironment,
    scratch: ['/var/lib/grafana', '/tmp'],
    probe: { path: '/api/health', port: 3000 },
    user: 10_472,
    memory: { request: '96Mi', limit: '384Mi' },
    ingress: [],
    egress: [
      { peer: 'prometheus', ports: [9090] },
      { peer: 'jaeger', ports: [16_686] },
    ],
  });
}

/** Objects by file below infra/observability/. */
export function observabilityObjects(platform: PlatformModel): Map<string, Manifested[]> {
  const namespace = `${platform.name}-observability`;
  const groups = ruleGroups(platform);
  const labels = { 'app.kubernetes.io/part-of': platform.name };
  return new Map([
    ['00-namespace.yaml', namespaceObjects(namespace)],
    ['10-otel-collector.yaml', [...discoveryRole(namespace, platform.name), ...collector(namespace, platform.name)]],
    ['20-jaeger.yaml', jaeger(namespace)],
    ['30-prometheus.yaml', prometheus(namespace, groups)],
    ['40-grafana.yaml', grafana(namespace)],
    [
      'operator/prometheus-rules.yaml',
      [
        {
          apiVersion: 'monitoring.coreos.com/v1',
          kind: 'PrometheusRule',
          metadata: { name: platform.name, namespace, labels },
          spec: { groups },
        },
      ],
    ],
    [
      'operator/pod-monitor.yaml',
      [
        {
          apiVersion: 'monitoring.coreos.com/v1',
          kind: 'PodMonitor',
          metadata: { name: platform.name, namespace, labels },
          spec: {
            namespaceSelector: { matchNames: [platform.name] },
            selector: { matchLabels: labels },
            podTargetLabels: ['version'],
            podMetricsEndpoints: [
              {
                port: 'http-admin',
                interval: '15s',
                relabelings: [{ sourceLabels: ['__meta_kubernetes_pod_label_app'], targetLabel: 'service' }],
              },
            ],
          },
        },
      ],
    ],
  ]);
}
