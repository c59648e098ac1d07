// Environment of a service's pods: the kit's variables, the manifest's own, and secrets by reference.
// Nothing secret stands in a manifest; a Secret's name does.

import { usesEvents } from '../../model/manifest.ts';
import type { ServiceModel } from '../../model/service-model.ts';
import { Expression, either, text } from '../../values/expression.ts';
import { hostOf } from '../globals.ts';
import type { ReleaseChart } from '../release-chart.ts';

/** One variable of a container. */
export interface ContainerVariable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly secretKeyRef: { readonly name: string; readonly key: string; readonly optional?: boolean };
  };
}

/** Where access tokens' public keys are read. */
export interface IdentityEndpoint {
  /** Service that signs access tokens. */
  readonly service: string;
  /** Path on its admin port. */
  readonly path: string;
}

/** Secret with a database's URL; another one where the URL is a chart value, because Helm owns that. */
export function databaseSecret(chart: ReleaseChart, name: string): Expression<string> {
  const made = values(`${name}-database`);
  return either(chart.globals.externalPostgres, values(`${name}-database-external`), made);
}

function values(name: string): Expression<string> {
  return new Expression(JSON.stringify(name), name, 'string');
}

/** Name of the Secret with a service's secret variables. */
export function configSecret(service: ServiceModel): string {
  return `${service.name}-config`;
}

/** A whole number in a values file reaches templates as a float, which would print as 2e+06. */
function variableValue(chart: ReleaseChart, name: string, fallback: string, description: string): Expression<string> {
  const schema = { type: ['string', 'integer', 'boolean'] };
  const { template } = chart.values.string(`env.${name}`, fallback, description, schema);
  return new Expression(`ternary (int64 ${template}) ${template} (kindIs "float64" ${template})`, fallback, 'string');
}

function own(chart: ReleaseChart, service: ServiceModel): ContainerVariable[] {
  return Object.entries(service.manifest.config ?? {})
    .filter(([name]) => !name.startsWith('FAIRLEAD_'))
    .map(([name, variable]) => {
      if (variable.secret === true) {
        const generated = service.policy.secrets?.[name] === 'ed25519-private-key';
        return {
          name,
          valueFrom: { secretKeyRef: { name: configSecret(service), key: name, optional: !generated } },
        };
      }
      const fallback = service.policy.env?.[name] ?? String(variable.default ?? '');
      return { name, value: variableValue(chart, name, fallback, variable.description).token };
    });
}

function secret(chart: ReleaseChart, name: string, database: string): ContainerVariable {
  return { name, valueFrom: { secretKeyRef: { name: databaseSecret(chart, database).token, key: 'url' } } };
}

/** The variables of one version's pods. */
export function environmentOf(
  chart: ReleaseChart,
  service: ServiceModel,
  version: string,
  identity: IdentityEndpoint | undefined,
): ContainerVariable[] {
  const { globals } = chart;
  const variables: ContainerVariable[] = [
    { name: 'SERVICE_VERSION', value: version },
    { name: 'FAIRLEAD_NAMESPACE', value: globals.namespace.token },
    { name: 'FAIRLEAD_CLUSTER_DOMAIN', value: globals.clusterDomain.token },
    { name: 'FAIRLEAD_JWT_ISSUER', value: globals.jwtIssuer.token },
    { name: 'FAIRLEAD_JWT_AUDIENCE', value: globals.jwtAudience.token },
    { name: 'LOG_LEVEL', value: globals.logLevel.token },
    { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: globals.otlpEndpoint.token },
    { name: 'OTEL_TRACES_SAMPLER_ARG', value: globals.sampleRatio.token },
  ];
  if (identity !== undefined) {
    // The service that shows the keys reads them from itself: it is no caller of its own, and has no way out to itself.
    const address = identity.service === service.name ? '127.0.0.1' : hostOf(globals, identity.service);
    const uri = text`http://${address}:9090${identity.path}`;
    variables.push({ name: 'FAIRLEAD_JWKS_URI', value: uri.token });
  }
  if (service.manifest.database !== undefined) variables.push(secret(chart, 'DATABASE_URL', service.name));
  if (usesEvents(service.manifest)) variables.push(secret(chart, 'EVENT_LOG_URL', eventLog));
  return [...variables, ...own(chart, service)];
}

/** Name of the event log's database and role. */
export const eventLog = 'event-log';
