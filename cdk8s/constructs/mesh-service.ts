// A service in the mesh: everything that it needs to live in a cluster, from its manifest and its policy.
// Each part is a file of its own; this one is the table of contents.
import { Construct } from 'constructs';
import type { ServiceModel } from '../model/service-model.ts';
import { onlyWhen } from '../objects/condition.ts';
import { identity } from '../objects/plus.ts';
import { ingress } from './edge/ingress.ts';
import { externalDatabase } from './postgres/external-database.ts';
import type { ReleaseChart } from './release-chart.ts';
import { authorizationPolicy } from './security/authorization-policy.ts';
import { networkPolicy } from './security/network-policy.ts';
import { peerAuthentication } from './security/peer-authentication.ts';
import { destinationRule } from './traffic/destination-rule.ts';
import { sidecar } from './traffic/sidecar.ts';
import { virtualService } from './traffic/virtual-service.ts';
import { deployment } from './workload/deployment.ts';
import type { IdentityEndpoint } from './workload/environment.ts';
import { autoscaler, disruptionBudget } from './workload/scaling.ts';
import { service } from './workload/service.ts';
import { declareServiceValues, type ServiceValues } from './workload/service-values.ts';

/** Options of {@link MeshService}. */
export interface MeshServiceProps {
  readonly service: ServiceModel;
  /** Where the public keys of access tokens are. @default - the service verifies none */
  readonly identity?: IdentityEndpoint;
}

/** Workload, traffic rules and protection of one service. */
export class MeshService extends Construct {
  readonly chart: ReleaseChart;
  readonly model: ServiceModel;
  readonly values: ServiceValues;

  constructor(chart: ReleaseChart, props: MeshServiceProps) {
    super(chart, props.service.name);
    this.chart = chart;
    this.model = props.service;
    this.values = declareServiceValues(chart.values, chart.globals, props.service);
    const { model, values } = this;

    identity(this, {
      metadata: { name: model.name, labels: chart.labelsOf(model.name) },
      access: (model.policy.kubernetesApi ?? []).flatMap(({ apiGroups, resources, verbs = ['list'] }) =>
        apiGroups.flatMap((apiGroup) => resources.map((resource) => ({ apiGroup, resource, verbs }))),
      ),
    });
    if (model.manifest.database !== undefined) externalDatabase(this, chart, model.name);
    service(this, chart, model);
    this.#version(model.stable, props.identity);
    onlyWhen(this.#version(model.canary, props.identity), values.canary.enabled);
    disruptionBudget(this, chart, model);

    if (model.contract !== undefined) virtualService(this, chart, model, values);
    if (model.edge) ingress(this, chart, { service: model, values, identity: props.identity });
    destinationRule(this, chart, model, values);
    sidecar(this, chart, model, props.identity);

    peerAuthentication(this, chart, model);
    authorizationPolicy(this, chart, model, props.identity);
    networkPolicy(this, chart, model, props.identity);
  }

  #version(version: string, endpoint: IdentityEndpoint | undefined): Construct {
    const { chart, model, values } = this;
    const scope = new Construct(this, version);
    const image = version === model.stable ? values.image : values.canaryImage;
    deployment(scope, chart, { service: model, version, image, values, identity: endpoint });
    onlyWhen(autoscaler(scope, chart, { service: model, version, values }), values.autoscaling.enabled);
    return scope;
  }
}
