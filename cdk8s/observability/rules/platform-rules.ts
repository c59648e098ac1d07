// Alerts that are nobody's objective: what should not happen at all, whatever the rate.
// Each says what to look at first.
import type { RuleGroup } from './objectives.ts';

/** Rule groups of the whole platform. */
export function platformRules(): RuleGroup[] {
  const alert = (name: string, expr: string, hold: string, summary: string, description: string) => ({
    alert: name,
    expr,
    for: hold,
    labels: { severity: 'ticket' },
    annotations: { summary, description },
  });
  return [
    {
      name: 'platform',
      rules: [
        alert(
          'ServiceMissing',
          'up{job="services"} == 0',
          '5m',
          '{{ $labels.service }} does not answer its scraper',
          'Look at the events of pod {{ $labels.pod }}.',
        ),
        alert(
          'EventsFallBehind',
          'max by (service, topic) (fairlead_event_lag) > 1000',
          '10m',
          '{{ $labels.service }} falls behind in {{ $labels.topic }}',
          '{{ $value }} events wait; look at its handlers and its database.',
        ),
        alert(
          'EventParked',
          'sum by (service, type) (increase(fairlead_events_handled_total{outcome="parked"}[15m])) > 0',
          '0m',
          '{{ $labels.service }} set an event aside',
          'An event of type {{ $labels.type }} failed every try and waits with its error.',
        ),
        alert(
          'SagasCompensate',
          'sum by (service, saga) (increase(fairlead_sagas_total{event="compensated"}[30m])) > 0.25 * sum by (service, saga) (increase(fairlead_sagas_total{event="started"}[30m])) and sum by (service, saga) (increase(fairlead_sagas_total{event="started"}[30m])) > 20',
          '5m',
          'Many sagas {{ $labels.saga }} are undone',
          'Look at which step fails: fairlead_saga_step_duration_seconds_count by step and outcome.',
        ),
        alert(
          'CanaryFailsMore',
          'sum by (service, version) (rate(rpc_server_call_duration_seconds_count{version!="v1",error_type!=""}[10m])) / sum by (service, version) (rate(rpc_server_call_duration_seconds_count{version!="v1"}[10m])) > on (service) group_left () (0.01 + 3 * (sum by (service) (rate(rpc_server_call_duration_seconds_count{version="v1",error_type!=""}[10m])) or 0 * sum by (service) (rate(rpc_server_call_duration_seconds_count{version="v1"}[10m]))) / sum by (service) (rate(rpc_server_call_duration_seconds_count{version="v1"}[10m])))',
          '5m',
          '{{ $labels.service }} {{ $labels.version }} fails more than v1',
          'Take its weight back: helm upgrade with canary.weight=0.',
        ),
      ],
    },
  ];
}
