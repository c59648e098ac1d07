// The committed charts and manifests, as Helm sees them: equal at the defaults, changed where a value says so.
// Helm is no dependency; without it these tests say loudly that nothing was proved.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Manifested } from '../../objects/models.ts';
import { at, objectOf } from '../../test/shop.ts';
import { findHelm, helmTemplateObjects, parseObjects } from './helm.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const helm = findHelm([env.HELM, 'helm']);
const skip = helm === undefined ? 'NOT PROVED: no helm on PATH and none in HELM' : false;
if (skip) console.warn(`\n*** ${skip}: charts/ was not rendered ***\n`);

const umbrella = join(root, 'charts/fairlead');
function render(namespace: string, ...sets: string[]): Manifested[] {
  const args = sets.flatMap((set) => ['--set', set]);
  return helmTemplateObjects(helm ?? 'helm', [namespace, umbrella, '--namespace', namespace, ...args]);
}
const key = ({ kind, metadata }: Manifested): string => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
const byKey = (objects: readonly Manifested[]): Map<string, Manifested> =>
  new Map(objects.map((object) => [key(object), object]));

test('helm template at the defaults equals infra/, object by object', { skip }, () => {
  const infra = byKey(globSync(join(root, 'infra/*.yaml')).flatMap((file) => parseObjects(readFileSync(file, 'utf8'))));
  // Helm makes the namespace itself (--create-namespace).
  assert.ok(infra.delete('Namespace /fairlead'));
  const chart = byKey(render('fairlead'));
  assert.deepEqual([...chart.keys()].sort(), [...infra.keys()].sort());
  assert.ok(chart.size > 100);
  for (const [name, object] of infra) assert.deepEqual(chart.get(name), object, name);
});

test('a second release is another platform: nothing in it names the first', { skip }, () => {
  const objects = render('second');
  for (const object of objects) {
    assert.equal(object.metadata.namespace, 'second');
    const text = JSON.stringify(object);
    assert.doesNotMatch(text, /fairlead\.svc|\/ns\/fairlead\//, key(object));
  }
});

test('the canary can be weighted, and taken away with all that names it', { skip }, () => {
  const half = objectOf(render('fairlead', 'payment.canary.weight=50'), 'VirtualService', 'payment');
  const http = at(half, 'spec.http') as { name: string; route: { weight: number }[] }[];
  const weights = http
    .filter(({ name }) => name.startsWith('weighted'))
    .map(({ route }) => route.map(({ weight }) => weight));
  assert.ok(weights.length > 0);
  for (const pair of weights) assert.deepEqual(pair, [50, 50]);

  const without = render('fairlead', 'payment.canary.enabled=false');
  const named = without.filter(
    (object) => object.metadata.name.startsWith('payment') && /"(payment-)?v2"/.test(JSON.stringify(object)),
  );
  assert.deepEqual(named.map(key), []);
});

test('a service of one version gets a canary by value', { skip }, () => {
  const objects = render(
    'fairlead',
    'catalog.canary.enabled=true',
    'catalog.canary.weight=5',
    'catalog.canary.image.tag=next',
  );
  const image = at(objectOf(objects, 'Deployment', 'catalog-v2'), 'spec.template.spec.containers.0.image');
  assert.equal(image, 'fairlead/catalog:next');
  assert.equal(at(objectOf(objects, 'HorizontalPodAutoscaler', 'catalog-v2'), 'spec.minReplicas'), 1);
});

test('image, replicas, resources, variables and retries are values', { skip }, () => {
  const objects = render(
    'fairlead',
    'global.image.registry=registry.example.com/',
    'catalog.image.tag=1.2.3',
    'catalog.autoscaling.enabled=false',
    'catalog.replicas=4',
    'catalog.resources.limits.memory=1Gi',
    'catalog.env.CATALOG_GENERATED_PRODUCTS=2000000',
    'catalog.retries.attempts=1',
  );
  const deployment = objectOf(objects, 'Deployment', 'catalog-v1');
  const container = at(deployment, 'spec.template.spec.containers.0');
  assert.equal(at(deployment, 'spec.replicas'), 4);
  assert.equal(at(container, 'image'), 'registry.example.com/fairlead/catalog:1.2.3');
  assert.equal(at(container, 'resources.limits.memory'), '1Gi');
  const env = at(container, 'env') as { name: string; value?: string }[];
  assert.equal(env.find(({ name }) => name === 'CATALOG_GENERATED_PRODUCTS')?.value, '2000000');
  assert.equal(
    objects.some(({ kind, metadata }) => kind === 'HorizontalPodAutoscaler' && metadata.name.startsWith('catalog')),
    false,
  );
  const http = at(objectOf(objects, 'VirtualService', 'catalog'), 'spec.http') as {
    name: string;
    retries: { attempts: number };
  }[];
  assert.deepEqual(
    [...new Set(http.filter(({ name }) => name !== 'admin').map(({ retries }) => retries.attempts))].sort(),
    [0, 1],
  );
});

test('a PostgreSQL of the user takes the place of the development server', { skip }, () => {
  const objects = render('fairlead', 'global.postgres.url=postgres://{service}:pw@db.example.com:5432/{service}');
  assert.equal(
    objects.some(({ kind }) => kind === 'StatefulSet'),
    false,
  );
  const secret = objectOf(objects, 'Secret', 'order-query-database-external');
  assert.equal(at(secret, 'stringData.url'), 'postgres://order-query:pw@db.example.com:5432/order-query');
  const env = at(objectOf(objects, 'Deployment', 'order-query-v1'), 'spec.template.spec.containers.0.env');
  assert.match(JSON.stringify(env), /order-query-database-external/);
  assert.match(JSON.stringify(env), /event-log-database-external/);
});

test('fault injection and mirroring are off, and come by value to what may be mirrored', { skip }, () => {
  const off = objectOf(render('fairlead'), 'VirtualService', 'payment');
  assert.doesNotMatch(JSON.stringify(off), /fault|mirror/);
  const on = objectOf(
    render('fairlead', 'payment.fault.enabled=true', 'payment.fault.abort.percent=50', 'payment.mirror.enabled=true'),
    'VirtualService',
    'payment',
  );
  const http = at(on, 'spec.http') as { match?: { uri?: { exact: string } }[]; fault?: unknown; mirror?: unknown }[];
  assert.equal(at(http[0]?.fault, 'abort.percentage.value'), 50);
  for (const { match, mirror } of http) {
    const charges = match?.some(({ uri }) => uri?.exact.endsWith('/Charge') === true) === true;
    if (charges) assert.equal(mirror, undefined, 'a copied charge is a second charge');
  }
  assert.ok(http.some(({ mirror }) => mirror !== undefined));
});

test('a misspelt value is refused by the schema', { skip }, () => {
  const lint = (set: string): void =>
    void execFileSync(helm ?? 'helm', ['template', 'x', umbrella, '--set', set], { encoding: 'utf8', stdio: 'pipe' });
  assert.throws(() => lint('payment.canary.wieght=5'), /wieght/);
  assert.throws(() => lint('payment.canary.weight=500'), /weight/);
  assert.throws(() => lint('paymnet.replicas=2'), /paymnet/);
});
