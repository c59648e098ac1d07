// PostgreSQL for development: one server, a role and a database a service, inside the mesh like everything else.
// Its data lives as long as its pod unless a volume is asked for; production names a server of its own.
import { readFileSync } from 'node:fs';
import { Construct } from 'constructs';
import { usesEvents } from '../../model/manifest.ts';
import type { PlatformModel } from '../../model/service-model.ts';
import { onlyWhen } from '../../objects/condition.ts';
import { meshObject } from '../../objects/mesh-object.ts';
import { identity } from '../../objects/plus.ts';
import { quantity } from '../../values/chart-values.ts';
import { all, not, when } from '../../values/expression.ts';
import { principalOf } from '../globals.ts';
import type { ReleaseChart } from '../release-chart.ts';
import { databasesOf } from '../secrets/release-secrets.ts';
import { meshEgress } from '../security/network-policy.ts';
import { containerSecurity, podSecurity } from '../workload/pod-security.ts';

const name = 'postgres';
/** `postgres` in Debian and in the official image; its tools ask for the name of whoever runs them. */
const user = 999;
/** The development server with its databases. */
export class Postgres extends Construct {
  constructor(chart: ReleaseChart, platform: PlatformModel) {
    super(chart, name);
    const labels = { ...chart.labelsOf(name), app: name };
    onlyWhen(
      this,
      all(chart.globals.ownPostgres, chart.values.boolean('postgres.enabled', true, 'Run PostgreSQL for development.')),
    );
    identity(this, { metadata: { name, labels } });
    meshObject(
      this,
      'Service',
      { name, labels },
      {
        spec: {
          type: 'ClusterIP',
          selector: { app: name },
          ports: [
            { name: 'tcp-postgres', port: 5432, targetPort: 'tcp-postgres', protocol: 'TCP', appProtocol: 'tcp' },
          ],
        },
      },
    );
    meshObject(
      this,
      'ConfigMap',
      { name, labels },
      {
        data: { 'databases.sh': readFileSync(new URL('databases.sh', import.meta.url), 'utf8') },
      },
    );
    this.#server(chart, platform, labels);
    this.#protection(chart, platform, labels);
  }

  #server(chart: ReleaseChart, platform: PlatformModel, labels: Readonly<Record<string, string>>): void {
    const set = chart.values;
    const persistent = set.boolean(
      'postgres.persistence.enabled',
      false,
      'Keep the data on a volume; false: they live as long as the pod.',
    );
    const size = set.string('postgres.persistence.size', '2Gi', 'Size of the volume.', quantity);
    const passwords = databasesOf(platform).map((database) => ({
      secret: { name: `${database}-database`, items: [{ key: 'password', path: database }] },
    }));
    const mounts = [
      { name: 'data', mountPath: '/data' },
      { name: 'run', mountPath: '/var/run/postgresql' },
      { name: 'tmp', mountPath: '/tmp' },
      { name: 'scripts', mountPath: '/etc/fairlead/scripts', readOnly: true },
      { name: 'passwords', mountPath: '/etc/fairlead/passwords', readOnly: true },
    ];
    const probe = {
      exec: {
        command: ['pg_isready', '--quiet', '--host', '127.0.0.1', '--username', 'postgres', '--dbname', 'postgres'],
      },
      timeoutSeconds: 5,
    };
    meshObject(
      this,
      'StatefulSet',
      { name, labels },
      {
        spec: {
          serviceName: name,
          replicas: 1,
          selector: { matchLabels: { app: name } },
          template: {
            metadata: {
              labels: { ...labels, 'sidecar.istio.io/inject': 'true' },
              annotations: { 'proxy.istio.io/config': 'holdApplicationUntilProxyStarts: true\n' },
            },
            spec: {
              serviceAccountName: name,
              automountServiceAccountToken: false,
              enableServiceLinks: false,
              terminationGracePeriodSeconds: 30,
              imagePullSecrets: chart.globals.imagePullSecrets.token as { name: string }[],
              securityContext: podSecurity(user),
              containers: [
                {
                  name,
                  image: set.string(
                    'postgres.image',
                    'postgres:18.1-bookworm',
                    'Image of PostgreSQL, in the manner of the official one.',
                  ).token,
                  imagePullPolicy: chart.globals.imagePullPolicy.token,
                  args: ['-c', 'max_connections=300', '-c', 'shared_buffers=32MB'],
                  ports: [{ name: 'tcp-postgres', containerPort: 5432, protocol: 'TCP' }],
                  env: [
                    { name: 'PGDATA', value: '/data/pgdata' },
                    { name: 'POSTGRES_USER', value: 'postgres' },
                    {
                      name: 'POSTGRES_PASSWORD',
                      valueFrom: { secretKeyRef: { name: 'postgres-admin', key: 'password' } },
                    },
                  ],
                  // Ready only when every database is there.
                  lifecycle: { postStart: { exec: { command: ['bash', '/etc/fairlead/scripts/databases.sh'] } } },
                  startupProbe: { ...probe, periodSeconds: 2, failureThreshold: 60 },
                  readinessProbe: { ...probe, periodSeconds: 3, failureThreshold: 2 },
                  // Recovery after a crash answers nobody, and must not be interrupted.
                  livenessProbe: {
                    tcpSocket: { port: 5432 },
                    periodSeconds: 20,
                    timeoutSeconds: 5,
                    failureThreshold: 6,
                  },
                  resources: {
                    requests: { cpu: '50m', memory: '128Mi', 'ephemeral-storage': '512Mi' },
                    limits: { cpu: '2000m', memory: '512Mi', 'ephemeral-storage': '4Gi' },
                  },
                  securityContext: containerSecurity(),
                  volumeMounts: mounts,
                },
              ],
              volumes: [
                when(not(persistent), { name: 'data', emptyDir: { sizeLimit: '2Gi' } }),
                { name: 'run', emptyDir: { sizeLimit: '8Mi' } },
                { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } },
                { name: 'scripts', configMap: { name } },
                { name: 'passwords', projected: { sources: passwords, defaultMode: 0o440 } },
              ],
            },
          },
          volumeClaimTemplates: when(persistent, [
            {
              apiVersion: 'v1' as const,
              kind: 'PersistentVolumeClaim' as const,
              metadata: { name: 'data' },
              spec: { accessModes: ['ReadWriteOnce' as const], resources: { requests: { storage: size.token } } },
            },
          ]),
        },
      },
    );
  }

  #protection(chart: ReleaseChart, platform: PlatformModel, labels: Readonly<Record<string, string>>): void {
    const clients = platform.services
      .filter(({ manifest }) => manifest.database !== undefined || usesEvents(manifest))
      .map((service) => service.name);
    meshObject(
      this,
      'AuthorizationPolicy',
      { name, labels },
      {
        spec: {
          selector: { matchLabels: { app: name } },
          action: 'ALLOW',
          rules: [
            {
              from: [{ source: { principals: clients.map((client) => principalOf(chart.globals, client).token) } }],
              to: [{ operation: { ports: ['5432'] } }],
            },
          ],
        },
      },
    );
    meshObject(
      this,
      'NetworkPolicy',
      { name, labels },
      {
        spec: {
          podSelector: { matchLabels: { app: name } },
          policyTypes: ['Ingress', 'Egress'],
          ingress: [
            {
              from: clients.map((client) => ({ podSelector: { matchLabels: { app: client } } })),
              ports: [{ protocol: 'TCP', port: 5432 }],
            },
          ],
          egress: meshEgress(chart) as never,
        },
      },
    );
    meshObject(
      this,
      'Sidecar',
      { name, labels },
      {
        spec: {
          workloadSelector: { labels: { app: name } },
          egress: [{ hosts: [`${chart.globals.meshNamespace.fallback}/*`] }],
        },
      },
    );
  }
}
