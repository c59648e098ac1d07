// What Telemetry objects ask of one workload: the root namespace's, then its namespace's, then its own; the nearest that
// speaks wins. Source: Istio reference/config/telemetry.

import type { RuleSet, Workload } from '../../rules/index.ts';
import { labelsMatch } from '../../rules/model/host-name.ts';
import type { TelemetrySettings } from './call-telemetry.ts';

export function telemetrySettings(rules: RuleSet, workload: Workload): TelemetrySettings {
  const rank = (each: { readonly namespace: string; readonly spec: { readonly selector?: unknown } }): number =>
    each.spec.selector !== undefined ? 2 : each.namespace === workload.namespace ? 1 : 0;
  const own = rules
    .objects('Telemetry')
    .filter((each) => each.namespace === workload.namespace || each.namespace === rules.mesh.rootNamespace)
    .filter((each) => labelsMatch(each.spec.selector?.matchLabels, workload.labels))
    .sort((left, right) => rank(left) - rank(right));
  let accessLog = false;
  let samplingPercent = 1;
  let spans = true;
  for (const { spec } of own) {
    for (const entry of spec.accessLogging ?? []) accessLog = entry.disabled !== true;
    for (const entry of spec.tracing ?? []) {
      samplingPercent = entry.randomSamplingPercentage ?? samplingPercent;
      if (entry.disableSpanReporting !== undefined) spans = !entry.disableSpanReporting;
    }
  }
  return { accessLog, samplingPercent, spans };
}
