// Alerts on the burn rate of error budgets, from one objective a service: several windows, so that they are quick and calm.
// Windows and factors are those of https://sre.google/workbook/alerting-on-slos/ (multiwindow, multi-burn-rate alerts).
import type { ServiceModel } from '../../model/service-model.ts';
import { durationBuckets } from './buckets.ts';

/** A Prometheus rule group. @see https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/ */
export interface RuleGroup {
  readonly name: string;
  readonly rules: readonly Rule[];
}

/** A recording or alerting rule. */
export interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

const windows = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'] as const;
type Window = (typeof windows)[number];

/** Budget of 30 days: 2 % in an hour and 5 % in six call somebody, 10 % in one or three days make a ticket. */
const burns: readonly { long: Window; short: Window; factor: number; severity: string; hold: string }[] = [
  { long: '1h', short: '5m', factor: 14.4, severity: 'page', hold: '2m' },
  { long: '6h', short: '30m', factor: 6, severity: 'page', hold: '15m' },
  { long: '1d', short: '2h', factor: 3, severity: 'ticket', hold: '1h' },
  { long: '3d', short: '6h', factor: 1, severity: 'ticket', hold: '3h' },
];

/** One thing that is promised, as the share of calls that break the promise. */
interface Indicator {
  readonly name: 'availability' | 'latency';
  /** Percent that keep it. */
  readonly target: number;
  readonly what: string;
  readonly badShare: (window: Window) => string;
}

function indicators(service: ServiceModel): Indicator[] {
  const objective = service.policy.objectives;
  const metric =
    service.contract === undefined ? 'http_server_request_duration_seconds' : 'rpc_server_call_duration_seconds';
  const streams = service.methods.filter((method) => method.streaming).map((method) => method.path.slice(1));
  // A stream lasts as long as somebody listens: that is no latency.
  const unary =
    streams.length === 0 ? '' : `,rpc_method!~"${streams.map((path) => path.replaceAll('.', '\\\\.')).join('|')}"`;
  const edge = service.contract === undefined ? ',http_route!~".*(:watch|:stream|/ws.*)"' : unary;
  const seconds = (objective?.latency?.toMilliseconds() ?? 500) / 1000;
  const rate = (name: string, labels: string, window: Window): string =>
    `sum(rate(${metric}_${name}{service="${service.name}"${labels}}[${window}]))`;
  return [
    {
      name: 'availability',
      target: objective?.availability ?? 99.9,
      what: 'calls fail by its own fault',
      badShare: (window) => `(${rate('count', ',error_type!=""', window)} or vector(0)) / ${rate('count', '', window)}`,
    },
    {
      name: 'latency',
      target: objective?.fast ?? 99,
      what: `calls take longer than ${seconds} s`,
      badShare: (window) =>
        `1 - ${rate('bucket', `,${durationBuckets.selector(seconds, service.name)}${edge}`, window)} / ${rate('count', edge, window)}`,
    },
  ];
}

function groupOf(service: ServiceModel, indicator: Indicator): RuleGroup {
  const labels = { service: service.name, objective: indicator.name };
  const recorded = (window: Window): string => `objective:bad_calls:share_rate${window}`;
  const selector = `{service="${service.name}",objective="${indicator.name}"}`;
  const budget = Number(((100 - indicator.target) / 100).toFixed(6));
  const records = windows.map((window) => ({ record: recorded(window), expr: indicator.badShare(window), labels }));
  const alerts = burns.map(({ long, short, factor, severity, hold }) => ({
    alert: indicator.name === 'availability' ? 'ErrorBudgetBurn' : 'LatencyBudgetBurn',
    expr: `${recorded(long)}${selector} > ${factor} * ${budget} and ${recorded(short)}${selector} > ${factor} * ${budget}`,
    for: hold,
    labels: { ...labels, severity, window: long },
    annotations: {
      summary: `${service.name}: too many ${indicator.what}`,
      description: `{{ $value | humanizePercentage }} over ${long}; the objective is ${indicator.target} %, and at this rate its budget of 30 days lasts ${Math.round((30 / factor) * 10) / 10} days.`,
    },
  }));
  return { name: `${service.name}-${indicator.name}`, rules: [...records, ...alerts] };
}

/** Rule groups of a service's objectives. */
export function objectiveRules(service: ServiceModel): RuleGroup[] {
  return indicators(service).map((indicator) => groupOf(service, indicator));
}
