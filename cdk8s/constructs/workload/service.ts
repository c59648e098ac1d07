// The Service of a mesh service: one name for all versions, ports whose protocol is said twice (name and appProtocol).
// A port without either would be plain TCP to the sidecar, and no rule about methods would apply to it.
import type { Construct } from 'constructs';
import { adminPort, grpcPort } from '../../model/checks/names.ts';
import type { ServiceModel } from '../../model/service-model.ts';
import { meshObject } from '../../objects/mesh-object.ts';
import type { ReleaseChart } from '../release-chart.ts';

/** Adds the Service. */
export function service(scope: Construct, chart: ReleaseChart, model: ServiceModel): void {
  const { httpPort } = model.manifest;
  const port = (name: string, number: number, appProtocol: string) =>
    ({ name, port: number, targetPort: name, protocol: 'TCP', appProtocol }) as const;
  meshObject(
    scope,
    'Service',
    { name: model.name, labels: { ...chart.labelsOf(model.name), app: model.name } },
    {
      spec: {
        type: 'ClusterIP',
        selector: { app: model.name },
        ports: [
          ...(model.contract === undefined ? [] : [port('grpc', grpcPort, 'grpc')]),
          ...(httpPort === undefined ? [] : [port('http', httpPort, 'http')]),
          port('http-admin', adminPort, 'http'),
        ],
      },
    },
  );
}
