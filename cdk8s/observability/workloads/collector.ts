// The OpenTelemetry Collector: traces come in by OTLP and go to Jaeger, metrics are read from /metrics and go to Prometheus.
// Labels `service` and `version` are the pods', so that nothing has to say twice who it is.
import { stringify } from 'yaml';

/** The collector's configuration. @see https://opentelemetry.io/docs/collector/configuration/ */
export function collectorConfig(platform: string): string {
  const labels = [
    { source_labels: ['__meta_kubernetes_pod_label_app'], target_label: 'service' },
    { source_labels: ['__meta_kubernetes_pod_label_version'], target_label: 'version' },
    { source_labels: ['__meta_kubernetes_pod_name'], target_label: 'pod' },
  ];
  const discovery = [{ role: 'pod', namespaces: { names: [platform] } }];
  const scrape = [
    {
      job_name: 'services',
      scrape_interval: '15s',
      kubernetes_sd_configs: discovery,
      relabel_configs: [
        { source_labels: ['__meta_kubernetes_pod_container_port_name'], regex: 'http-admin', action: 'keep' },
        ...labels,
      ],
    },
    {
      job_name: 'sidecars',
      scrape_interval: '15s',
      metrics_path: '/stats/prometheus',
      kubernetes_sd_configs: discovery,
      relabel_configs: [
        { source_labels: ['__meta_kubernetes_pod_container_port_name'], regex: 'http-envoy-prom', action: 'keep' },
        ...labels,
      ],
      metric_relabel_configs: [{ source_labels: ['__name__'], regex: 'istio_.*', action: 'keep' }],
    },
  ];
  return stringify(
    {
      receivers: {
        otlp: { protocols: { grpc: { endpoint: '0.0.0.0:4317' } } },
        prometheus: { config: { scrape_configs: scrape } },
      },
      processors: {
        memory_limiter: { check_interval: '1s', limit_percentage: 80, spike_limit_percentage: 20 },
        batch: {},
      },
      exporters: {
        'otlp/jaeger': { endpoint: 'jaeger:4317', tls: { insecure: true } },
        prometheusremotewrite: { endpoint: 'http://prometheus:9090/api/v1/write' },
      },
      extensions: { health_check: { endpoint: '0.0.0.0:13133' } },
      service: {
        extensions: ['health_check'],
        pipelines: {
          traces: { receivers: ['otlp'], processors: ['memory_limiter', 'batch'], exporters: ['otlp/jaeger'] },
          metrics: {
            receivers: ['prometheus'],
            processors: ['memory_limiter', 'batch'],
            exporters: ['prometheusremotewrite'],
          },
        },
      },
    },
    { lineWidth: 0, aliasDuplicateObjects: false },
  );
}
