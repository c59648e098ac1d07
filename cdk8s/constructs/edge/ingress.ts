// The way in: a Gateway, routes to the service that answers it, and access tokens checked at its door.
// Only GETs are tried again here, and only when nobody can have begun to answer them.
import type { Construct } from 'constructs';
import type { ServiceModel } from '../../model/service-model.ts';
import { meshObject } from '../../objects/mesh-object.ts';
import { duration } from '../../values/chart-values.ts';
import { text, when } from '../../values/expression.ts';
import { hostOf } from '../globals.ts';
import type { ReleaseChart } from '../release-chart.ts';
import { versionRoutes } from '../traffic/virtual-service.ts';
import type { IdentityEndpoint } from '../workload/environment.ts';
import type { ServiceValues } from '../workload/service-values.ts';

/** Options of {@link ingress}. */
export interface IngressProps {
  readonly service: ServiceModel;
  readonly values: ServiceValues;
  /** Where the keys of access tokens are. @default - tokens are not checked at the edge */
  readonly identity?: IdentityEndpoint | undefined;
}

function gateway(scope: Construct, chart: ReleaseChart, name: string, host: string): void {
  const set = chart.values;
  const tls = set.boolean(
    'ingress.tls.enabled',
    false,
    'Serve HTTPS too, with a certificate from a Secret beside the ingress gateway.',
  );
  meshObject(
    scope,
    'Gateway',
    { name, labels: chart.labelsOf(name) },
    {
      spec: {
        selector: set.yaml('ingress.selector', { istio: 'ingressgateway' }, "Labels of the ingress gateway's pods.", {
          type: 'object',
          additionalProperties: { type: 'string' },
        }).token,
        servers: [
          { port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: [host] },
          when(tls, {
            port: { number: 443, name: 'https', protocol: 'HTTPS' },
            hosts: [host],
            tls: {
              mode: 'SIMPLE' as const,
              credentialName: set.string('ingress.tls.secretName', 'fairlead-tls', 'Secret with the certificate.')
                .token,
            },
          }),
        ],
      },
    },
  );
}

/** Adds Gateway, VirtualService and RequestAuthentication for a service at the edge. */
export function ingress(scope: Construct, chart: ReleaseChart, props: IngressProps): void {
  const { service, values, identity } = props;
  const { name } = service;
  const host = chart.values.string(
    'ingress.host',
    '*',
    'Host that the platform is reached by; set one where several releases share a gateway.',
  ).token;
  gateway(scope, chart, name, host);

  const timeout = chart.values.string(
    'ingress.timeout',
    '60s',
    'Longest time of a request that is no GET; GETs may be streams and have none.',
    duration,
  ).token;
  const attempts = chart.values.integer(
    'ingress.getRetries',
    2,
    'Tries after the first, of GETs that no pod has begun to answer.',
    { minimum: 0 },
  ).token;
  const destination = (route: readonly object[]): object[] => route as object[];
  const http = versionRoutes(chart, service, values).flatMap((version) => {
    const headers = version.headers === undefined ? {} : { headers: version.headers };
    const routes = [
      {
        name: `${version.name}-get`,
        match: [{ method: { exact: 'GET' }, ...headers }],
        route: destination(version.route),
        retries: { attempts, retryOn: 'connect-failure,refused-stream' },
      },
      {
        name: `${version.name}-rest`,
        ...(version.headers === undefined ? {} : { match: [headers] }),
        route: destination(version.route),
        timeout,
        retries: { attempts: 0 },
      },
    ];
    return routes.map((route) => (version.condition === undefined ? route : when(version.condition, route)));
  });
  meshObject(
    scope,
    'VirtualService',
    { name, labels: chart.labelsOf(name) },
    {
      spec: { hosts: [host], gateways: [name], http: http as never },
    },
  );

  if (identity === undefined) return;
  meshObject(
    scope,
    'RequestAuthentication',
    { name, labels: chart.labelsOf(name) },
    {
      spec: {
        selector: { matchLabels: { app: name } },
        jwtRules: [
          {
            issuer: chart.globals.jwtIssuer.token,
            audiences: [chart.globals.jwtAudience.token],
            jwksUri: text`http://${hostOf(chart.globals, identity.service)}:9090${identity.path}`.token,
            forwardOriginalToken: true,
          },
        ],
      },
    },
  );
}
