// A Job that makes the release's Secrets in the cluster: random passwords, database URLs and the signing key.
// Helm runs it before everything else; with kubectl, pods wait for the Secrets that they name until it is done.
import { readFileSync } from 'node:fs';
import { Construct } from 'constructs';
import { usesEvents } from '../../model/manifest.ts';
import type { PlatformModel } from '../../model/service-model.ts';
import { onlyWhen } from '../../objects/condition.ts';
import { meshObject } from '../../objects/mesh-object.ts';
import { identity } from '../../objects/plus.ts';
import { Expression, text } from '../../values/expression.ts';
import { hostOf, platformVersion } from '../globals.ts';
import type { ReleaseChart } from '../release-chart.ts';
import { configSecret, eventLog } from '../workload/environment.ts';
import { containerSecurity, podSecurity } from '../workload/pod-security.ts';

const name = 'release-secrets';

/** Helm's order: the account and its rights, then the Job; each is replaced by the next release's. */
function hook(weight: number): Record<string, string> {
  return {
    'helm.sh/hook': 'pre-install,pre-upgrade',
    'helm.sh/hook-weight': String(weight),
    'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded',
  };
}

/** Databases of the platform: one a service that stores something, one for the event log. */
export function databasesOf(platform: PlatformModel): string[] {
  const own = platform.services
    .filter((service) => service.manifest.database !== undefined)
    .map((service) => service.name);
  return platform.services.some((service) => usesEvents(service.manifest)) ? [...own, eventLog] : own;
}

function planOf(chart: ReleaseChart, platform: PlatformModel): Expression<string> {
  const host = text`${hostOf(chart.globals, 'postgres')}:5432`;
  const databases = databasesOf(platform).map((database) => ({
    kind: 'database',
    secret: `${database}-database`,
    name: database,
  }));
  const keys = platform.services.flatMap((service) =>
    Object.entries(service.policy.secrets ?? {})
      .filter(([, source]) => source === 'ed25519-private-key')
      .map(([variable, kind]) => ({ kind, secret: configSecret(service), variable })),
  );
  const secrets = [{ kind: 'password', secret: 'postgres-admin' }, ...databases, ...keys];
  const labels = { 'app.kubernetes.io/part-of': platform.name, 'app.kubernetes.io/component': 'secret' };
  const plan = JSON.stringify(
    {
      namespace: '@namespace@',
      labels,
      secrets: secrets.map((s) => (s.kind === 'database' ? { ...s, host: '@host@' } : s)),
    },
    undefined,
    1,
  );
  const put = (namespace: string, address: string): string =>
    plan.replaceAll('@namespace@', namespace).replaceAll('@host@', address);
  return new Expression(
    `replace "@namespace@" (${chart.globals.namespace.template}) (replace "@host@" (${host.template}) ${JSON.stringify(plan)})`,
    put(chart.globals.namespace.fallback, host.fallback),
    'string',
  );
}

/** The Job and what it needs. */
export class ReleaseSecrets extends Construct {
  constructor(chart: ReleaseChart, platform: PlatformModel) {
    super(chart, name);
    const { globals } = chart;
    const labels = chart.labelsOf(name);
    onlyWhen(
      this,
      chart.values.boolean(
        'secrets.generate',
        true,
        'Make the Secrets that are not there yet; false: all of them are yours to make.',
      ),
    );
    const repository = chart.values.string(
      'secrets.image.repository',
      `fairlead/${platform.services.find((service) => service.policy.secrets)?.name ?? platform.services[0]?.name ?? 'user'}`,
      'Image with Node that makes them.',
    );
    identity(this, {
      metadata: { name, labels, annotations: hook(-10) },
      access: [{ apiGroup: '', resource: 'secrets', verbs: ['create'] }],
    });
    meshObject(
      this,
      'ConfigMap',
      { name, labels, annotations: hook(-10) },
      {
        data: {
          'make-secrets.mjs': readFileSync(new URL('make-secrets.js', import.meta.url), 'utf8'),
          'plan.json': planOf(chart, platform).token,
        },
      },
    );
    // The API server's address differs from cluster to cluster; the Job reaches nothing else and nobody reaches it.
    meshObject(
      this,
      'NetworkPolicy',
      { name, labels, annotations: hook(-10) },
      {
        spec: {
          podSelector: { matchLabels: { app: name } },
          policyTypes: ['Ingress', 'Egress'],
          egress: [
            {
              ports: [
                { protocol: 'UDP', port: 53 },
                { protocol: 'TCP', port: 53 },
              ],
            },
            {
              ports: [
                { protocol: 'TCP', port: 443 },
                { protocol: 'TCP', port: 6443 },
              ],
            },
          ],
        },
      },
    );
    const tag = chart.values.string('secrets.image.tag', '', 'Its tag; empty: global.image.tag.');
    const image = new Expression(
      `printf "%s%s:%s" ${globals.imageRegistry.template} ${repository.template} (default ${globals.imageTag.template} ${tag.template})`,
      `${repository.fallback}:${platformVersion}`,
      'string',
    );
    meshObject(
      this,
      'Job',
      { name, labels, annotations: hook(0) },
      {
        spec: {
          backoffLimit: 6,
          ttlSecondsAfterFinished: 60,
          template: {
            metadata: { labels: { ...labels, app: name, 'sidecar.istio.io/inject': 'false' } },
            spec: {
              serviceAccountName: name,
              automountServiceAccountToken: true,
              restartPolicy: 'OnFailure',
              enableServiceLinks: true,
              imagePullSecrets: globals.imagePullSecrets.token as { name: string }[],
              securityContext: podSecurity(),
              containers: [
                {
                  name,
                  image: image.token,
                  imagePullPolicy: globals.imagePullPolicy.token,
                  command: ['node', '/etc/fairlead/make-secrets.mjs'],
                  env: [{ name: 'PLAN', value: '/etc/fairlead/plan.json' }],
                  resources: {
                    requests: { cpu: '10m', memory: '64Mi', 'ephemeral-storage': '16Mi' },
                    limits: { cpu: '500m', memory: '128Mi', 'ephemeral-storage': '64Mi' },
                  },
                  securityContext: containerSecurity(),
                  volumeMounts: [{ name: 'plan', mountPath: '/etc/fairlead', readOnly: true }],
                },
              ],
              volumes: [{ name: 'plan', configMap: { name } }],
            },
          },
        },
      },
    );
  }
}
