// How many pods there are: an autoscaler a version, and one disruption budget for all of them.
// The budget counts what may be missing rather than what must be there, so that a single pod can still be moved.
import type { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import type { ServiceModel } from '../../model/service-model.ts';
import { meshObject } from '../../objects/mesh-object.ts';
import type { ReleaseChart } from '../release-chart.ts';
import type { ServiceValues } from './service-values.ts';

/** Adds the autoscaler of one version. @see https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/ */
export function autoscaler(
  scope: Construct,
  chart: ReleaseChart,
  props: { readonly service: ServiceModel; readonly version: string; readonly values: ServiceValues },
): ApiObject {
  const { service, version, values } = props;
  const name = `${service.name}-${version}`;
  return meshObject(
    scope,
    'HorizontalPodAutoscaler',
    { name, labels: { ...chart.labelsOf(service.name), app: service.name, version } },
    {
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
        minReplicas: values.autoscaling.min.token,
        maxReplicas: values.autoscaling.max.token,
        metrics: [
          {
            type: 'Resource',
            resource: {
              name: 'cpu',
              target: { type: 'Utilization', averageUtilization: values.autoscaling.cpuPercent.token },
            },
          },
        ],
        behavior: { scaleDown: { stabilizationWindowSeconds: 300 } },
      },
    },
  );
}

/** Adds the disruption budget. @see https://kubernetes.io/docs/tasks/run-application/configure-pdb/ */
export function disruptionBudget(scope: Construct, chart: ReleaseChart, service: ServiceModel): void {
  meshObject(
    scope,
    'PodDisruptionBudget',
    { name: service.name, labels: { ...chart.labelsOf(service.name), app: service.name } },
    {
      spec: {
        maxUnavailable: 1,
        selector: { matchLabels: { app: service.name } },
        unhealthyPodEvictionPolicy: 'AlwaysAllow',
      },
    },
  );
}
