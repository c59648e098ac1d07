// The values of a service's chart, declared once with their defaults from the service's policy.
// Constructs read the expressions; values.yaml and its schema are written from the same declarations.
import { Size } from 'cdk8s';
import type { ServiceModel } from '../../model/service-model.ts';
import { type ChartValues, duration, quantity } from '../../values/chart-values.ts';
import { Expression } from '../../values/expression.ts';
import { seconds } from '../duration-text.ts';
import { type Globals, platformVersion } from '../globals.ts';

/** Expressions of a service's own values. */
export interface ServiceValues {
  readonly image: Expression<string>;
  readonly canaryImage: Expression<string>;
  readonly replicas: Expression<number>;
  readonly requests: { readonly cpu: Expression<string>; readonly memory: Expression<string> };
  readonly limits: { readonly cpu: Expression<string>; readonly memory: Expression<string> };
  readonly autoscaling: {
    readonly enabled: Expression<boolean>;
    readonly min: Expression<number>;
    readonly max: Expression<number>;
    readonly cpuPercent: Expression<number>;
  };
  readonly canary: {
    readonly enabled: Expression<boolean>;
    readonly weight: Expression<number>;
    readonly stableWeight: Expression<number>;
    readonly header: Expression<string>;
  };
  readonly timeout: Expression<string>;
  readonly retries: {
    readonly attempts: Expression<number>;
    readonly perTryTimeout: Expression<string>;
    readonly on: Expression<string>;
    readonly enabled: Expression<boolean>;
  };
}

const percent = { minimum: 0, maximum: 100 };

function imageOf(globals: Globals, repository: Expression<string>, tag: Expression<string>): Expression<string> {
  const chosen = `default ${globals.imageTag.template} ${tag.template}`;
  const fallback = `${globals.imageRegistry.fallback}${repository.fallback}:${tag.fallback || platformVersion}`;
  return new Expression(
    `printf "%s%s:%s" ${globals.imageRegistry.template} ${repository.template} (${chosen})`,
    fallback,
    'string',
  );
}

/** Declares the values of a service's chart. */
export function declareServiceValues(values: ChartValues, globals: Globals, service: ServiceModel): ServiceValues {
  const { policy, name } = service;
  const repository = values.string('image.repository', `fairlead/${name}`, 'Image of the service.');
  const tag = values.string('image.tag', '', 'Its tag, or tag@digest; empty: global.image.tag.');
  const canaryTag = values.string(
    'canary.image.tag',
    '',
    `Tag of ${service.canary}; empty: the tag of ${service.stable} (one code base serves both).`,
  );
  const memory = policy.resources?.memory ?? Size.mebibytes(96);
  const memoryLimit = policy.resources?.memoryLimit ?? Size.mebibytes(256);
  const enabled = values.boolean(
    'canary.enabled',
    service.canaryEnabled,
    `Deploy ${service.canary} beside ${service.stable}.`,
  );
  const weight = values.integer(
    'canary.weight',
    service.canaryWeight,
    `Percent of calls to ${service.canary}.`,
    percent,
  );
  const attempts = values.integer(
    'retries.attempts',
    policyAttempts(service),
    'Tries after the first; only of idempotent methods.',
    {
      minimum: 0,
      maximum: 10,
    },
  );
  const retrying = values.boolean('retries.enabled', true, 'Whether idempotent methods are tried again at all.');
  const usual = service.methods.find(
    (method) => method.retries.perTryTimeout !== undefined && policy.methods?.[method.rpc] === undefined,
  );
  return {
    image: imageOf(globals, repository, tag),
    canaryImage: imageOf(
      globals,
      repository,
      new Expression(`(default ${tag.template} ${canaryTag.template})`, tag.fallback, 'string'),
    ),
    replicas: values.integer('replicas', policy.autoscaling?.min ?? 1, 'Pods a version while autoscaling is off.', {
      minimum: 0,
    }),
    requests: {
      cpu: values.string(
        'resources.requests.cpu',
        `${policy.resources?.cpuMillis ?? 20}m`,
        'CPU that is reserved for a pod.',
        quantity,
      ),
      memory: values.string(
        'resources.requests.memory',
        `${memory.toMebibytes()}Mi`,
        'Memory that is reserved for a pod.',
        quantity,
      ),
    },
    limits: {
      cpu: values.string(
        'resources.limits.cpu',
        `${policy.resources?.cpuLimitMillis ?? 1000}m`,
        'CPU that a pod may use.',
        quantity,
      ),
      memory: values.string(
        'resources.limits.memory',
        `${memoryLimit.toMebibytes()}Mi`,
        'Memory that a pod may use.',
        quantity,
      ),
    },
    autoscaling: {
      enabled: values.boolean('autoscaling.enabled', true, 'Scale each version by its CPU use.'),
      min: values.integer('autoscaling.min', policy.autoscaling?.min ?? 1, 'Fewest pods a version.', { minimum: 1 }),
      max: values.integer('autoscaling.max', policy.autoscaling?.max ?? 3, 'Most pods a version.', { minimum: 1 }),
      cpuPercent: values.integer(
        'autoscaling.cpuPercent',
        policy.autoscaling?.cpuPercent ?? 400,
        'CPU use that is aimed at, in percent of the request.',
        {
          minimum: 1,
        },
      ),
    },
    canary: {
      enabled,
      weight,
      stableWeight: new Expression(
        `ternary (sub 100 (${weight.template})) 100 (${enabled.template})`,
        service.canaryEnabled ? 100 - service.canaryWeight : 100,
        'number',
      ),
      header: values.string(
        'canary.header',
        policy.canary?.header ?? 'x-version',
        `Header whose value '${service.canary}' reaches the canary at any weight.`,
        {
          pattern: '^[a-z0-9-]+$',
        },
      ),
    },
    timeout: values.string(
      'timeout',
      policy.timeout ? seconds(policy.timeout) : '2s',
      'Longest time of a unary call, retries included.',
      duration,
    ),
    retries: {
      enabled: retrying,
      attempts: new Expression(`ternary (${attempts.template}) 0 (${retrying.template})`, attempts.fallback, 'number'),
      perTryTimeout: values.string(
        'retries.perTryTimeout',
        usual?.retries.perTryTimeout ? seconds(usual.retries.perTryTimeout) : '600ms',
        'Longest time of one try.',
        duration,
      ),
      on: values.string(
        'retries.conditions',
        usual?.retries.on.join(',') ?? 'connect-failure,refused-stream,reset,unavailable',
        'Conditions under which a call is tried again, as Envoy names them.',
      ),
    },
  };
}

function policyAttempts({ policy }: ServiceModel): number {
  return policy.retries === false ? 0 : (policy.retries?.attempts ?? 2);
}
