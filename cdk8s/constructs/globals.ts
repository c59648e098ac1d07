// Values that all charts of a release share: namespace, images, trust, identity, database, telemetry.
// They are declared in every chart, so that each can be installed alone; the umbrella sets them once for all.
import type { ChartValues } from '../values/chart-values.ts';
import { Expression, isSet, not, text } from '../values/expression.ts';

/** When a node fetches an image. */
export type PullPolicy = 'Always' | 'IfNotPresent' | 'Never';

/** Expressions for what a release has in common. */
export interface Globals {
  readonly namespace: Expression<string>;
  readonly release: Expression<string>;
  readonly clusterDomain: Expression<string>;
  readonly trustDomain: Expression<string>;
  readonly imageRegistry: Expression<string>;
  readonly imageTag: Expression<string>;
  readonly imagePullPolicy: Expression<PullPolicy>;
  readonly imagePullSecrets: Expression<object>;
  readonly logLevel: Expression<string>;
  readonly jwtIssuer: Expression<string>;
  readonly jwtAudience: Expression<string>;
  /** PostgreSQL that is not ours; `{service}` stands for the service's name. Empty: the development server. */
  readonly postgresUrl: Expression<string>;
  readonly externalPostgres: Expression<boolean>;
  readonly ownPostgres: Expression<boolean>;
  readonly postgresPort: Expression<number>;
  readonly otlpEndpoint: Expression<string>;
  readonly samplingPercent: Expression<number>;
  readonly sampleRatio: Expression<string>;
  readonly tracingProvider: Expression<string>;
  readonly observabilityNamespace: Expression<string>;
  readonly meshNamespace: Expression<string>;
  readonly gatewayNamespace: Expression<string>;
}

/** Version of images and charts. */
export const platformVersion = '0.1.0';

/** Declares the shared values in a chart. */
export function declareGlobals(values: ChartValues, platform: string): Globals {
  const postgresUrl = values.string(
    'global.postgres.url',
    '',
    'PostgreSQL to use in place of the development server; {service} is replaced by the name of the service, for example postgres://{service}:secret@db.example.com:5432/{service}',
  );
  const sampling = values.integer('global.telemetry.samplingPercent', 10, 'Percent of new traces that are recorded.', {
    minimum: 0,
    maximum: 100,
  });
  return {
    namespace: new Expression('.Release.Namespace', platform, 'string'),
    release: new Expression('.Release.Name', platform, 'string'),
    clusterDomain: values.string('global.clusterDomain', 'cluster.local', 'DNS domain of the cluster.'),
    trustDomain: values.string('global.trustDomain', 'cluster.local', 'SPIFFE trust domain of the mesh.'),
    imageRegistry: values.string(
      'global.image.registry',
      '',
      'Registry in front of every repository, with a slash at its end: registry.example.com/',
      { pattern: '^(|.*/)$' },
    ),
    imageTag: values.string('global.image.tag', platformVersion, 'Tag of every image that has none of its own.'),
    imagePullPolicy: values.string('global.image.pullPolicy', 'IfNotPresent', 'When images are pulled.', {
      enum: ['Always', 'IfNotPresent', 'Never'],
    }) as Expression<PullPolicy>,
    imagePullSecrets: values.yaml('global.image.pullSecrets', [], 'Secrets for private registries: [{name: ...}]', {
      type: 'array',
      items: { type: 'object', required: ['name'] },
    }),
    logLevel: values.string('global.logLevel', 'info', 'The least important log lines that are written.', {
      enum: ['debug', 'info', 'warn', 'error', 'silent'],
    }),
    jwtIssuer: values.string('global.jwt.issuer', 'https://fairlead.example/', 'Issuer of access tokens.'),
    jwtAudience: values.string('global.jwt.audience', 'fairlead', 'Audience of access tokens.'),
    postgresUrl,
    externalPostgres: isSet(postgresUrl),
    ownPostgres: not(isSet(postgresUrl)),
    postgresPort: values.integer('global.postgres.port', 5432, 'Port of PostgreSQL, for network policies.'),
    otlpEndpoint: values.string(
      'global.telemetry.otlpEndpoint',
      'http://otel-collector.fairlead-observability.svc.cluster.local:4317',
      'OpenTelemetry collector that gets the traces, OTLP over gRPC; empty: services record none.',
    ),
    samplingPercent: sampling,
    sampleRatio: new Expression(
      `divf (.Values.global.telemetry.samplingPercent) 100 | toString`,
      String(sampling.fallback / 100),
      'string',
    ),
    tracingProvider: values.string(
      'global.telemetry.provider',
      'otel',
      "Extension provider of Istio's mesh configuration that takes the sidecars' traces.",
    ),
    observabilityNamespace: values.string(
      'global.telemetry.namespace',
      'fairlead-observability',
      'Namespace of the collector and of Prometheus.',
    ),
    meshNamespace: values.string('global.mesh.namespace', 'istio-system', 'Namespace of istiod.'),
    gatewayNamespace: values.string(
      'global.ingress.namespace',
      'istio-system',
      'Namespace of the ingress gateway that the platform is reached by.',
    ),
  };
}

/** Host of a service of the release: `payment.fairlead.svc.cluster.local`. */
export function hostOf(globals: Globals, service: string): Expression<string> {
  return text`${service}.${globals.namespace}.svc.${globals.clusterDomain}`;
}

/** Principal of a service of the release, as authorization rules spell it. */
export function principalOf(globals: Globals, service: string): Expression<string> {
  return text`${globals.trustDomain}/ns/${globals.namespace}/sa/${service}`;
}
