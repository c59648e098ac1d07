// What holds for the whole namespace of a release: mTLS required, everything denied that nothing allows, traces on.
// Services add their own exceptions; removing one of them never opens anything.
import { Construct } from 'constructs';
import { meshObject } from '../objects/mesh-object.ts';
import type { ReleaseChart } from './release-chart.ts';

/** Defaults of the mesh in one namespace. */
export class MeshNamespace extends Construct {
  constructor(chart: ReleaseChart) {
    super(chart, 'mesh');
    const { globals } = chart;
    const labels = chart.labelsOf('mesh');
    meshObject(this, 'PeerAuthentication', { name: 'default', labels }, { spec: { mtls: { mode: 'STRICT' } } });
    // An ALLOW policy without rules matches no request, and so denies every one that no other policy allows.
    meshObject(this, 'AuthorizationPolicy', { name: 'deny-by-default', labels }, { spec: {} });
    meshObject(
      this,
      'NetworkPolicy',
      { name: 'deny-by-default', labels },
      {
        spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
      },
    );
    meshObject(
      this,
      'Telemetry',
      { name: 'default', labels },
      {
        spec: {
          tracing: [
            {
              providers: [{ name: globals.tracingProvider.token }],
              randomSamplingPercentage: globals.samplingPercent.token,
            },
          ],
        },
      },
    );
  }
}
