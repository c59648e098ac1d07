// mTLS: required on every port but the admin port, which Prometheus and istiod read from outside the mesh.
// There, callers with a sidecar still use mTLS; nothing but metrics and public keys is served to the others.
import type { Construct } from 'constructs';
import { adminPort } from '../../model/checks/names.ts';
import type { ServiceModel } from '../../model/service-model.ts';
import { meshObject } from '../../objects/mesh-object.ts';
import type { ReleaseChart } from '../release-chart.ts';

/** Adds the PeerAuthentication. @see https://istio.io/latest/docs/reference/config/security/peer_authentication/ */
export function peerAuthentication(scope: Construct, chart: ReleaseChart, service: ServiceModel): void {
  meshObject(
    scope,
    'PeerAuthentication',
    { name: service.name, labels: chart.labelsOf(service.name) },
    {
      spec: {
        selector: { matchLabels: { app: service.name } },
        mtls: { mode: 'STRICT' },
        portLevelMtls: { [String(adminPort)]: { mode: 'PERMISSIVE' } },
      },
    },
  );
}
