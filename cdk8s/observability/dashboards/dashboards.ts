// The four dashboards: the platform at a glance, one service in depth, a canary against its neighbour, sagas and events.
// Queries use what the kit's /metrics offers; labels `service` and `version` come from the pods.
import { choice, dashboard, type Panel } from './panels.ts';

const calls = 'rpc_server_call_duration_seconds';
const http = 'http_server_request_duration_seconds';

function rate(title: string, metric: string, labels: string, by: string): Panel {
  const queries = [
    { expr: `sum by (${by}) (rate(${metric}_count{${labels}}[$__rate_interval]))`, legend: `{{${by}}}` },
  ];
  return { title, unit: 'reqps', queries };
}

function failures(title: string, metric: string, labels: string, by: string): Panel {
  const both = labels === '' ? '' : `${labels},`;
  const expr = `sum by (${by}) (rate(${metric}_count{${both}error_type!=""}[$__rate_interval])) / sum by (${by}) (rate(${metric}_count{${labels}}[$__rate_interval]))`;
  return { title, unit: 'percentunit', queries: [{ expr, legend: `{{${by}}}` }] };
}

function percentile(title: string, metric: string, labels: string, by: string, shares = [0.99]): Panel {
  const queries = shares.map((share) => ({
    expr: `histogram_quantile(${share}, sum by (${by}, le) (rate(${metric}_bucket{${labels}}[$__rate_interval])))`,
    legend: shares.length === 1 ? `{{${by}}}` : `p${share * 100} {{${by}}}`,
  }));
  return { title, unit: 's', queries };
}

const service = 'service="$service"';

/** Dashboards by file name. */
export function dashboards(): Readonly<Record<string, object>> {
  const services = choice('service', `label_values(${calls}_count, service)`);
  const stat = (title: string, expr: string, unit: Panel['unit']): Panel => ({
    title,
    unit,
    type: 'stat',
    queries: [{ expr, legend: '' }],
  });
  return {
    'platform.json': dashboard('fairlead-platform', 'Platform', [
      [
        stat('Requests at the edge', `sum(rate(${http}_count[5m]))`, 'reqps'),
        stat(
          'Failed at the edge',
          `sum(rate(${http}_count{error_type!=""}[5m])) / sum(rate(${http}_count[5m]))`,
          'percentunit',
        ),
        stat('Pods that answer', 'sum(up{job="services"})', 'short'),
        stat('Events behind', 'sum(fairlead_event_lag)', 'short'),
      ],
      [
        rate('Calls', calls, '', 'service'),
        failures('Share that fails', calls, '', 'service'),
        percentile('p99', calls, '', 'service'),
      ],
      [
        {
          title: 'Budget burnt in an hour, in multiples of what lasts 30 days',
          unit: 'short',
          queries: [
            {
              expr: 'max by (service, objective) (objective:bad_calls:share_rate1h)',
              legend: '{{service}} {{objective}}',
            },
          ],
        },
        {
          title: 'Memory',
          unit: 'bytes',
          queries: [{ expr: 'sum by (service) (process_resident_memory_bytes)', legend: '{{service}}' }],
        },
        {
          title: 'CPU',
          unit: 'short',
          queries: [
            { expr: 'sum by (service) (rate(process_cpu_seconds_total[$__rate_interval]))', legend: '{{service}}' },
          ],
        },
      ],
    ]),
    'service.json': dashboard(
      'fairlead-service',
      'Service',
      [
        [
          rate('Calls by method', calls, service, 'rpc_method'),
          rate('Calls by status', calls, service, 'rpc_status_code'),
        ],
        [
          failures('Share that fails', calls, service, 'rpc_method'),
          percentile('Durations', calls, service, 'service', [0.5, 0.95, 0.99]),
        ],
        [
          rate('Calls that it makes', 'rpc_client_call_duration_seconds', service, 'rpc_method'),
          failures('Share of them that fails', 'rpc_client_call_duration_seconds', service, 'rpc_method'),
          {
            title: 'Open calls',
            unit: 'short',
            queries: [{ expr: `sum by (rpc_method) (rpc_server_active_calls{${service}})`, legend: '{{rpc_method}}' }],
          },
        ],
        [
          {
            title: 'Event loop delay, p99',
            unit: 's',
            queries: [{ expr: `nodejs_eventloop_lag_p99_seconds{${service}}`, legend: '{{pod}}' }],
          },
          {
            title: 'Memory',
            unit: 'bytes',
            queries: [{ expr: `process_resident_memory_bytes{${service}}`, legend: '{{pod}}' }],
          },
        ],
      ],
      [services],
    ),
    'canary.json': dashboard(
      'fairlead-canary',
      'Canary comparison',
      [
        [
          rate('Calls by version', calls, service, 'version'),
          {
            title: 'Share of calls',
            unit: 'percentunit',
            queries: [
              {
                expr: `sum by (version) (rate(${calls}_count{${service}}[$__rate_interval])) / ignoring (version) group_left () sum(rate(${calls}_count{${service}}[$__rate_interval]))`,
                legend: '{{version}}',
              },
            ],
          },
        ],
        [
          failures('Share that fails', calls, service, 'version'),
          percentile('p50 and p99', calls, service, 'version', [0.5, 0.99]),
        ],
        [
          {
            title: 'CPU a call',
            unit: 's',
            queries: [
              {
                expr: `sum by (version) (rate(process_cpu_seconds_total{${service}}[$__rate_interval])) / sum by (version) (rate(${calls}_count{${service}}[$__rate_interval]))`,
                legend: '{{version}}',
              },
            ],
          },
        ],
      ],
      [services],
    ),
    'sagas-and-events.json': dashboard('fairlead-sagas-events', 'Sagas and event log', [
      [
        {
          title: 'Sagas',
          unit: 'short',
          queries: [
            {
              expr: 'sum by (saga, event) (rate(fairlead_sagas_total[$__rate_interval]))',
              legend: '{{saga}} {{event}}',
            },
          ],
        },
        {
          title: 'Steps, p95',
          unit: 's',
          queries: [
            {
              expr: 'histogram_quantile(0.95, sum by (saga, step, direction, le) (rate(fairlead_saga_step_duration_seconds_bucket[$__rate_interval])))',
              legend: '{{saga}} {{step}} {{direction}}',
            },
          ],
        },
      ],
      [
        {
          title: 'Events carried to the log',
          unit: 'short',
          queries: [
            { expr: 'sum by (type) (rate(fairlead_events_relayed_total[$__rate_interval]))', legend: '{{type}}' },
          ],
        },
        {
          title: 'Deliveries by outcome',
          unit: 'short',
          queries: [
            {
              expr: 'sum by (service, outcome) (rate(fairlead_events_handled_total[$__rate_interval]))',
              legend: '{{service}} {{outcome}}',
            },
          ],
        },
        {
          title: 'Events behind',
          unit: 'short',
          queries: [{ expr: 'sum by (service, topic) (fairlead_event_lag)', legend: '{{service}} {{topic}}' }],
        },
      ],
    ]),
  };
}
