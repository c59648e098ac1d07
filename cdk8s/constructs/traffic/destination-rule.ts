// What holds towards all pods of a service: versions as subsets, balancing, bounds, and who is left out for a while.
// Bounds are kept by each caller's sidecar, so they fail at once where a queue would hang.
import type { Construct } from 'constructs';
import type { ServiceModel } from '../../model/service-model.ts';
import { meshObject } from '../../objects/mesh-object.ts';
import { duration } from '../../values/chart-values.ts';
import { when } from '../../values/expression.ts';
import { seconds } from '../duration-text.ts';
import { hostOf } from '../globals.ts';
import type { ReleaseChart } from '../release-chart.ts';
import type { ServiceValues } from '../workload/service-values.ts';

/** Adds the DestinationRule. @see https://istio.io/latest/docs/reference/config/networking/destination-rule/ */
export function destinationRule(
  scope: Construct,
  chart: ReleaseChart,
  service: ServiceModel,
  values: ServiceValues,
): void {
  const { connectionPool: pool, outliers } = service.policy;
  const set = chart.values;
  const percent = { minimum: 0, maximum: 100 };
  const subset = (version: string) => ({ name: version, labels: { version } });
  meshObject(
    scope,
    'DestinationRule',
    { name: service.name, labels: chart.labelsOf(service.name) },
    {
      spec: {
        host: hostOf(chart.globals, service.name).token,
        trafficPolicy: {
          loadBalancer: { simple: 'LEAST_REQUEST' },
          connectionPool: {
            tcp: {
              maxConnections: set.integer(
                'connectionPool.maxConnections',
                pool?.maxConnections ?? 128,
                'Connections a caller may open.',
                { minimum: 1 },
              ).token,
              connectTimeout: pool?.connectTimeout ? seconds(pool.connectTimeout) : '1s',
            },
            http: {
              http2MaxRequests: set.integer(
                'connectionPool.maxRequests',
                pool?.maxRequests ?? 1024,
                'Calls a caller may have open; more are UNAVAILABLE at once.',
                { minimum: 1 },
              ).token,
              maxRetries: set.integer(
                'connectionPool.maxRetries',
                pool?.maxRetries ?? 64,
                'Retries a caller may have open.',
                { minimum: 0 },
              ).token,
            },
          },
          outlierDetection: {
            consecutive5xxErrors: set.integer(
              'outlierDetection.consecutiveErrors',
              outliers?.consecutiveErrors ?? 5,
              'Errors in a row after which a pod is left out.',
              { minimum: 1 },
            ).token,
            interval: outliers?.interval ? seconds(outliers.interval) : '10s',
            baseEjectionTime: set.string(
              'outlierDetection.ejection',
              outliers?.ejection ? seconds(outliers.ejection) : '30s',
              'How long it is left out the first time.',
              duration,
            ).token,
            maxEjectionPercent: set.integer(
              'outlierDetection.maxEjectionPercent',
              outliers?.maxEjectionPercent ?? 50,
              'Percent of pods that may be left out at once.',
              percent,
            ).token,
            minHealthPercent: set.integer(
              'outlierDetection.minHealthPercent',
              outliers?.minHealthPercent ?? 50,
              'Below this share of healthy pods all are used.',
              percent,
            ).token,
          },
        },
        subsets: [subset(service.stable), when(values.canary.enabled, subset(service.canary))],
      },
    },
  );
}
