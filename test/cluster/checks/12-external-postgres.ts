// PostgreSQL of one's own: a server in another namespace takes the place of the development server by one value, and the
// platform serves from it.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { awaitStatus, browse, order, register } from '../../story/commerce-story.ts';
import { Cluster, isReady } from '../access/cluster.ts';
import { declaredServices } from '../access/declared.ts';
import { awaitReady } from '../deploy/deployment.ts';
import { helmUpgrade } from '../deploy/helm.ts';
import type { Check } from '../stage.ts';

/** A PostgreSQL as somebody else runs it: no sidecar, one password for all roles. */
function server(image: string, password: string): string {
  const labels = { app: 'postgres', 'sidecar.istio.io/inject': 'false' };
  const container = {
    name: 'postgres',
    image,
    args: ['-c', 'max_connections=300'],
    env: [
      { name: 'POSTGRES_PASSWORD', value: password },
      { name: 'PGDATA', value: '/data/pgdata' },
    ],
    ports: [{ containerPort: 5432 }],
    readinessProbe: { exec: { command: ['pg_isready', '--host', '127.0.0.1', '--username', 'postgres'] } },
    volumeMounts: [{ name: 'data', mountPath: '/data' }],
  };
  const spec = {
    securityContext: { runAsUser: 999, runAsGroup: 999, fsGroup: 999 },
    containers: [container],
    volumes: [{ name: 'data', emptyDir: {} }],
  };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'postgres', labels }, spec };
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'postgres' },
    spec: { selector: { app: 'postgres' }, ports: [{ name: 'tcp-postgres', port: 5432 }] },
  };
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [pod, service] });
}

/** A role and a database for each service that has one, and for the event log. */
async function makeDatabases(theirs: Cluster, password: string): Promise<readonly string[]> {
  const services = await declaredServices();
  const names = [...services.filter(({ database }) => database !== undefined).map(({ name }) => name), 'event-log'];
  const statements = names.flatMap((name) => [
    `CREATE ROLE "${name}" LOGIN PASSWORD '${password}';`,
    `CREATE DATABASE "${name}" OWNER "${name}";`,
  ]);
  await psql(theirs, 'postgres', statements.join('\n'));
  return names;
}

function psql(theirs: Cluster, database: string, statements: string): Promise<string> {
  const command = ['psql', '--username', 'postgres', '--dbname', database, '--no-align', '--tuples-only'];
  const strict = ['--set', 'ON_ERROR_STOP=1', '--quiet', '--file', '-'];
  return theirs.kubectl(['exec', '--stdin', 'postgres', '--', ...command, ...strict], { input: statements });
}

export default {
  number: 12,
  name: 'a PostgreSQL of one’s own, by value',
  run: async ({ cluster, deployment, api, tell }) => {
    const theirs = new Cluster(`${cluster.namespace}-database`);
    const image = (await cluster.get('statefulset', 'postgres'))?.spec.template.spec.containers[0].image;
    const password = randomBytes(12).toString('hex');
    await theirs.kubectl(['create', 'namespace', theirs.namespace]);
    try {
      await theirs.kubectl(['wait', '--for=create', 'serviceaccount/default', '--timeout=60s']);
      await theirs.apply(server(image, password));
      await theirs.until('their PostgreSQL is ready', async () =>
        (await theirs.pods()).every(isReady) ? true : undefined,
      );
      const names = await makeDatabases(theirs, password);
      tell(`a PostgreSQL in namespace ${theirs.namespace} has ${names.length} databases`);
      const host = `postgres.${theirs.namespace}.svc.cluster.local`;
      await helmUpgrade(deployment, {
        'global.postgres.url': `postgres://{service}:${password}@${host}:5432/{service}`,
      });
      await awaitReady(deployment);
      assert.equal(await cluster.get('statefulset', 'postgres'), undefined, 'the development server is gone');
      const customer = await register(api);
      const [product] = await browse(api, 1);
      assert.ok(product);
      const placed = await order(customer, [{ productId: product.productId, quantity: 1 }]);
      await awaitStatus(customer, placed.orderId, ['ORDER_STATUS_DELIVERED']);
      const found = await psql(theirs, 'order', `SELECT count(*) FROM orders WHERE order_id = '${placed.orderId}';`);
      assert.equal(found.trim(), '1', 'the order is in their database');
      tell('an order was placed, delivered, and found in that database');
    } finally {
      await helmUpgrade(deployment);
      await theirs.kubectl(['delete', 'namespace', theirs.namespace, '--wait=false']);
    }
  },
} satisfies Check;
