// Routing of calls to one service: who reaches which version, how long a call may take, what is tried again.
// First match wins, so headers come before weights and named methods before the rest, which is never tried again.
import type { Construct } from 'constructs';
import { adminPort, grpcPort } from '../../model/checks/names.ts';
import type { ServiceModel } from '../../model/service-model.ts';
import { meshObject } from '../../objects/mesh-object.ts';
import { duration } from '../../values/chart-values.ts';
import { all, Expression, when } from '../../values/expression.ts';
import { seconds } from '../duration-text.ts';
import { hostOf } from '../globals.ts';
import type { ReleaseChart } from '../release-chart.ts';
import type { ServiceValues } from '../workload/service-values.ts';
import { type RouteGroup, routeGroups } from './route-groups.ts';

type HeaderMatch = Readonly<Record<string, { readonly exact: string }>>;

/** One way to versions: who takes it, and where it leads. */
export interface VersionRoute {
  readonly name: string;
  readonly headers?: HeaderMatch;
  readonly route: readonly object[];
  /** @default - always there */
  readonly condition?: Expression<boolean>;
}

/** The canary's header is a chart value, and it is a key: the whole match is one expression. */
function canaryHeader(values: ServiceValues, version: string): HeaderMatch {
  const { header } = values.canary;
  const template = `(dict ${header.template} (dict "exact" ${JSON.stringify(version)}))`;
  return new Expression<HeaderMatch>(template, { [header.fallback]: { exact: version } }, 'yaml').token;
}

/** The ways to a service's versions, in the order in which they are tried. */
export function versionRoutes(chart: ReleaseChart, service: ServiceModel, values: ServiceValues): VersionRoute[] {
  const host = hostOf(chart.globals, service.name).token;
  const { canary } = values;
  // The Service has a second port, the admin port: without a number Istio takes the one that was dialled, or refuses.
  const port = { number: service.contract === undefined ? (service.manifest.httpPort ?? adminPort) : grpcPort };
  const to = (subset: string) => ({ destination: { host, subset, port } });
  const byHeader = (service.policy.routes ?? []).map((route) => ({
    name: route.name,
    headers: { [route.header]: { exact: route.value } },
    route: [{ ...to(route.version), weight: 100 }],
    ...(route.version === service.canary ? { condition: canary.enabled } : {}),
  }));
  return [
    {
      name: service.canary,
      headers: canaryHeader(values, service.canary),
      route: [{ ...to(service.canary), weight: 100 }],
      condition: canary.enabled,
    },
    ...byHeader,
    {
      name: 'weighted',
      route: [
        { ...to(service.stable), weight: canary.stableWeight.token },
        when(canary.enabled, { ...to(service.canary), weight: canary.weight.token }),
      ],
    },
  ];
}

interface Experiments {
  readonly fault: object;
  readonly mirror: object;
  readonly mirrorPercentage: object;
}

/** Fault injection and mirroring: there, and off until a value says otherwise. */
function experiments(chart: ReleaseChart, service: ServiceModel, values: ServiceValues): Experiments {
  const set = chart.values;
  const fault = set.boolean('fault.enabled', false, 'Inject faults into calls to this service, for tests.');
  const percent = { minimum: 0, maximum: 100 };
  const mirror = set.boolean(
    'mirror.enabled',
    false,
    `Send a copy of calls that change nothing to ${service.canary}; its answers are dropped.`,
  );
  const on = all(mirror, values.canary.enabled);
  return {
    fault: when(fault, {
      abort: {
        grpcStatus: set.string('fault.abort.grpcStatus', 'UNAVAILABLE', 'Status of aborted calls.', {
          pattern: '^[A-Z_]+$',
        }).token,
        percentage: {
          value: set.number('fault.abort.percent', 0, 'Percent of calls that are aborted.', percent).token,
        },
      },
      delay: {
        fixedDelay: set.string('fault.delay.fixed', '1s', 'How long delayed calls wait.', duration).token,
        percentage: {
          value: set.number('fault.delay.percent', 0, 'Percent of calls that are delayed.', percent).token,
        },
      },
    }),
    mirror: when(on, {
      host: hostOf(chart.globals, service.name).token,
      subset: service.canary,
      port: { number: grpcPort },
    }),
    mirrorPercentage: when(on, {
      value: set.number('mirror.percent', 100, 'Percent of them that is copied.', percent).token,
    }),
  };
}

function retriesOf(group: RouteGroup, values: ServiceValues): object {
  const { retries } = group.first;
  if (retries.attempts === 0) return { attempts: 0 };
  const perTry = retries.perTryTimeout;
  const tryTimeout = group.usualRetries ? values.retries.perTryTimeout.token : perTry && seconds(perTry);
  return {
    attempts: group.usualRetries
      ? values.retries.attempts.token
      : new Expression(`ternary ${retries.attempts} 0 ${values.retries.enabled.template}`, retries.attempts, 'number')
          .token,
    ...(perTry === undefined ? {} : { perTryTimeout: tryTimeout }),
    retryOn: group.usualRetries ? values.retries.on.token : retries.on.join(','),
  };
}

/** Adds the VirtualService of a gRPC service. @see https://istio.io/latest/docs/reference/config/networking/virtual-service/ */
export function virtualService(
  scope: Construct,
  chart: ReleaseChart,
  service: ServiceModel,
  values: ServiceValues,
): void {
  const host = hostOf(chart.globals, service.name).token;
  const groups = routeGroups(service.methods, service.policy.methods ?? {});
  const tests = experiments(chart, service, values);
  const http = versionRoutes(chart, service, values).flatMap((version) => {
    const headers = version.headers === undefined ? {} : { headers: version.headers };
    const matched = groups.map((group) => ({
      name: `${version.name}-${group.name}`,
      match: group.methods.map((method) => ({ uri: { exact: method.path }, port: grpcPort, ...headers })),
      route: version.route,
      // A stream has no timeout: Istio sets none where the field is absent, and refuses a zero.
      ...(group.first.timeout === undefined
        ? {}
        : { timeout: group.usualTimeout ? values.timeout.token : seconds(group.first.timeout) }),
      retries: retriesOf(group, values),
      fault: tests.fault,
      ...(group.safe ? { mirror: tests.mirror, mirrorPercentage: tests.mirrorPercentage } : {}),
    }));
    // Whatever is no method of the contract, such as health checks.
    const rest = {
      name: `${version.name}-rest`,
      match: [{ port: grpcPort, ...headers }],
      route: version.route,
      retries: { attempts: 0 },
    };
    return [...matched, rest].map((route) =>
      version.condition === undefined ? route : when(version.condition, route),
    );
  });
  // Metrics and public keys: read by GET, from any version.
  const admin = {
    name: 'admin',
    match: [{ port: adminPort }],
    route: [{ destination: { host, port: { number: adminPort } } }],
    retries: { attempts: 2, retryOn: 'connect-failure,refused-stream,reset' },
  };
  meshObject(
    scope,
    'VirtualService',
    { name: service.name, labels: chart.labelsOf(service.name) },
    {
      spec: { hosts: [host], http: [...http, admin] as never },
    },
  );
}
