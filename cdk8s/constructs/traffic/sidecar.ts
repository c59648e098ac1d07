// What a service's sidecar knows of the mesh: the hosts that it calls, and nothing else.
// That keeps its configuration small, and a call to anything undeclared has nowhere to go.
import type { Construct } from 'constructs';
import { usesEvents } from '../../model/manifest.ts';
import type { ServiceModel } from '../../model/service-model.ts';
import { meshObject } from '../../objects/mesh-object.ts';
import { Expression, either, text, when } from '../../values/expression.ts';
import { hostOf } from '../globals.ts';
import type { ReleaseChart } from '../release-chart.ts';
import type { IdentityEndpoint } from '../workload/environment.ts';

/** Adds the Sidecar. @see https://istio.io/latest/docs/reference/config/networking/sidecar/ */
export function sidecar(
  scope: Construct,
  chart: ReleaseChart,
  service: ServiceModel,
  identity: IdentityEndpoint | undefined,
): void {
  const { globals } = chart;
  const names = new Set(service.calls.map((call) => call.to));
  if (identity !== undefined && identity.service !== service.name) names.add(identity.service);
  const hosts: string[] = [...names].sort().map((name) => text`./${hostOf(globals, name)}`.token);
  if (service.manifest.database !== undefined || usesEvents(service.manifest)) {
    hosts.push(when(globals.ownPostgres, text`./${hostOf(globals, 'postgres')}`.token));
  }
  if (service.policy.kubernetesApi !== undefined)
    hosts.push(text`default/kubernetes.default.svc.${globals.clusterDomain}`.token);
  hosts.push(text`${globals.observabilityNamespace}/*`.token, text`${globals.meshNamespace}/*`.token);
  const literal = (word: string): Expression<string> => new Expression(JSON.stringify(word), word, 'string');
  meshObject(
    scope,
    'Sidecar',
    { name: service.name, labels: chart.labelsOf(service.name) },
    {
      spec: {
        workloadSelector: { labels: { app: service.name } },
        outboundTrafficPolicy: {
          // A database elsewhere is no host of the mesh; the network policy still names its port.
          mode: either(globals.externalPostgres, literal('ALLOW_ANY'), literal('REGISTRY_ONLY'))
            .token as 'REGISTRY_ONLY',
        },
        egress: [{ hosts }],
      },
    },
  );
}
