// Observability from the same declarations: alerts follow objectives, dashboards ask for metrics that exist.
// Pod Security and network edges are those of every other workload.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Duration } from 'cdk8s';
import { parse } from 'yaml';
import { resolvePlatform } from '../model/resolve-platform.ts';
import { SynthError } from '../model/synth-error.ts';
import { at, objectOf, shopWith } from '../test/shop.ts';
import { dashboards } from './dashboards/dashboards.ts';
import { objectiveRules } from './rules/objectives.ts';
import { observabilityObjects, ruleGroups } from './stack.ts';

const shop = (policies = {}) => resolvePlatform(shopWith({}, policies));

function serviceOf(name: string, policies = {}) {
  const found = shop(policies).services.find((service) => service.name === name);
  if (found === undefined) throw new Error(`no service ${name}`);
  return found;
}

test('an objective becomes eight alerts: four windows for availability, four for latency', () => {
  const [availability, latency] = objectiveRules(
    serviceOf('order', { order: { timeout: Duration.seconds(5), objectives: { availability: 99.5 } } }),
  );
  const alerts = availability?.rules.filter((rule) => rule.alert !== undefined) ?? [];
  assert.deepEqual(
    alerts.map(({ labels }) => [labels?.window, labels?.severity]),
    [
      ['1h', 'page'],
      ['6h', 'page'],
      ['1d', 'ticket'],
      ['3d', 'ticket'],
    ],
  );
  assert.match(
    alerts[0]?.expr ?? '',
    /share_rate1h\{.*\} > 14\.4 \* 0\.005 and .*share_rate5m\{.*\} > 14\.4 \* 0\.005/,
  );
  assert.equal(latency?.rules.filter((rule) => rule.alert !== undefined).length, 4);
});

test('every window that an alert compares is recorded', () => {
  for (const group of ruleGroups(shop())) {
    const recorded = new Set(group.rules.map((rule) => rule.record));
    for (const { alert, expr } of group.rules) {
      if (alert === undefined) continue;
      for (const [used] of expr.matchAll(/objective:bad_calls:share_rate\w+/g)) assert.ok(recorded.has(used), used);
    }
  }
});

test('streams do not count as slow', () => {
  const latency = objectiveRules(serviceOf('stock'))[1];
  assert.match(latency?.rules[0]?.expr ?? '', /rpc_method!~"shop\\\\\.v1\\\\\.StockService\/Watch"/);
});

test('an objective that no bucket can measure is refused', () => {
  const service = serviceOf('stock', { stock: { objectives: { latency: Duration.millis(300) } } });
  assert.throws(
    () => objectiveRules(service),
    (error) => error instanceof SynthError && error.problems[0]?.field === 'objectives.latency',
  );
});

test('the collector takes OTLP, reads /metrics of the pods, and hands on to Jaeger and Prometheus', () => {
  const objects = observabilityObjects(shop()).get('10-otel-collector.yaml') ?? [];
  const data = objectOf(objects, 'ConfigMap', 'otel-collector-collector').data as Record<string, string>;
  const config: unknown = parse(data['collector.yaml'] ?? '');
  assert.deepEqual(at(config, 'service.pipelines.traces.exporters'), ['otlp/jaeger']);
  assert.deepEqual(at(config, 'service.pipelines.metrics.exporters'), ['prometheusremotewrite']);
  assert.equal(at(config, 'receivers.prometheus.config.scrape_configs.0.relabel_configs.0.regex'), 'http-admin');
});

test('there are four dashboards with panels that all have queries', () => {
  const all = Object.entries(dashboards());
  assert.deepEqual(
    all.map(([name]) => name),
    ['platform.json', 'service.json', 'canary.json', 'sagas-and-events.json'],
  );
  for (const [name, dashboard] of all) {
    const panels = at(dashboard, 'panels') as { targets: { expr: string }[] }[];
    assert.ok(panels.length >= 5, name);
    for (const panel of panels) assert.ok(panel.targets.every(({ expr }) => expr.length > 0));
  }
});

test('every component runs as somebody, without privileges, on a filesystem that it cannot write', () => {
  const workloads = [...observabilityObjects(shop()).values()].flat().filter(({ kind }) => kind === 'Deployment');
  assert.equal(workloads.length, 4);
  for (const workload of workloads) {
    const pod = at(workload, 'spec.template.spec');
    assert.equal(at(pod, 'securityContext.runAsNonRoot'), true);
    assert.equal(at(pod, 'containers.0.securityContext.readOnlyRootFilesystem'), true);
  }
});

test('no two objects of the stack bear one name: the second would replace the first', () => {
  const names = [...observabilityObjects(shop()).values()]
    .flat()
    .map(({ kind, metadata }) => `${kind} ${metadata?.namespace ?? ''}/${metadata?.name}`);
  assert.deepEqual(names, [...new Set(names)]);
});
