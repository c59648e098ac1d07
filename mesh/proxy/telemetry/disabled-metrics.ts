// Which standard metrics Telemetry objects switch off.

import type { RuleSet } from '../../rules/index.ts';
import type { MetricName } from './standard-metrics.ts';

const NAMES: Readonly<Record<string, readonly MetricName[]>> = {
  REQUEST_COUNT: ['istio_requests_total'],
  REQUEST_DURATION: ['istio_request_duration_milliseconds'],
  REQUEST_SIZE: ['istio_request_bytes'],
  RESPONSE_SIZE: ['istio_response_bytes'],
};

export function disabledMetrics(rules: RuleSet): ReadonlySet<MetricName> {
  const disabled = new Set<MetricName>();
  for (const { spec } of rules.objects('Telemetry'))
    for (const { overrides } of spec.metrics ?? [])
      for (const override of overrides ?? []) {
        const metric = override.match?.metric ?? 'ALL_METRICS';
        const names = metric === 'ALL_METRICS' ? Object.values(NAMES).flat() : (NAMES[metric] ?? []);
        for (const name of names) {
          if (override.disabled === true) disabled.add(name);
          else if (override.disabled === false) disabled.delete(name);
        }
      }
  return disabled;
}
