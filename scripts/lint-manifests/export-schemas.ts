// Writes scripts/lint-manifests/schemas/ for kubeconform: the schemas of the kinds that synth writes, strict, without prose.
// Sources: Kubernetes' swagger.json (api/openapi-spec in its repository, or `kubectl get --raw /openapi/v2`) and Istio's
// crd-all.gen.yaml (or `kubectl get crd -o yaml`).
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { models } from '../../cdk8s/objects/models.ts';

type Schema = Record<string, unknown>;

const { values: flags } = parseArgs({ options: { kubernetes: { type: 'string' }, crds: { type: 'string' } } });
if (flags.kubernetes === undefined || flags.crds === undefined) {
  console.error('usage: node scripts/lint-manifests/export-schemas.ts --kubernetes swagger.json --crds crds.yaml');
  process.exit(2);
}
const folder = fileURLToPath(new URL('schemas/', import.meta.url));

function isObject(node: unknown): node is Schema {
  return typeof node === 'object' && node !== null && !Array.isArray(node);
}

/** Prose and Kubernetes' own keywords removed; objects with known properties take no others. */
function strict(node: unknown, underProperties = false): unknown {
  if (Array.isArray(node)) return node.map((element) => strict(element));
  if (!isObject(node)) return node;
  const entries = Object.entries(node).filter(
    ([key]) =>
      underProperties ||
      !(key === 'description' || key === 'example' || key === 'default' || key.startsWith('x-kubernetes-')),
  );
  const copy: Schema = Object.fromEntries(entries.map(([key, value]) => [key, strict(value, key === 'properties')]));
  if (underProperties) return copy;
  if (node['x-kubernetes-int-or-string'] === true || node.format === 'int-or-string') {
    return { oneOf: [{ type: 'string' }, { type: 'integer' }] };
  }
  const closed = isObject(node.properties) && node.additionalProperties === undefined;
  if (closed && node['x-kubernetes-preserve-unknown-fields'] !== true) copy.additionalProperties = false;
  return copy;
}

function referenced(node: unknown, found: Set<string>): void {
  if (Array.isArray(node)) for (const element of node) referenced(element, found);
  if (!isObject(node)) return;
  const reference = node.$ref;
  if (typeof reference === 'string') found.add(reference.replace('#/definitions/', ''));
  for (const value of Object.values(node)) referenced(value, found);
}

/** A schema with all that it refers to, as one file of its own. */
function bundle(root: string, definitions: Readonly<Record<string, unknown>>): Schema {
  const wanted = new Set([root]);
  for (const name of wanted) referenced(definitions[name], wanted);
  const subset = Object.fromEntries([...wanted].sort().map((name) => [name, strict(definitions[name])]));
  // A quantity may be written as a number, though its schema says string.
  if (wanted.has(quantity)) subset[quantity] = { oneOf: [{ type: 'string' }, { type: 'number' }] };
  return { $ref: `#/definitions/${root}`, definitions: subset };
}
const quantity = 'io.k8s.apimachinery.pkg.api.resource.Quantity';

function write(kind: string, group: string, version: string, schema: unknown): void {
  const suffix = [group.split('.')[0], version].filter((part) => part !== '').join('-');
  writeFileSync(`${folder}${kind.toLowerCase()}-${suffix}.json`, `${JSON.stringify(schema)}\n`);
}

mkdirSync(folder, { recursive: true });
const definitions = (JSON.parse(readFileSync(flags.kubernetes, 'utf8')) as { definitions: Record<string, Schema> })
  .definitions;
for (const [name, definition] of Object.entries(definitions)) {
  const kinds = (definition['x-kubernetes-group-version-kind'] ?? []) as {
    group: string;
    version: string;
    kind: string;
  }[];
  const [own] = kinds;
  const model = own && (models as unknown as Record<string, { apiVersion?: string }>)[own.kind];
  if (own === undefined || kinds.length !== 1 || model === undefined) continue;
  const apiVersion = own.group === '' ? own.version : `${own.group}/${own.version}`;
  if (model.apiVersion === apiVersion) write(own.kind, own.group, own.version, bundle(name, definitions));
}
interface Crd {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly name: string; readonly schema: { readonly openAPIV3Schema: Schema } }[];
  };
}
for (const document of parseAllDocuments(readFileSync(flags.crds, 'utf8'))) {
  const crd = ('toJS' in document ? document.toJS() : null) as Crd | null;
  if (crd === null || !(crd.spec.names.kind in models)) continue;
  for (const { name, schema } of crd.spec.versions) {
    if (name !== 'v1') continue;
    const closed = strict(schema.openAPIV3Schema) as { properties: Schema };
    const head = { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: { type: 'object' } };
    write(crd.spec.names.kind, crd.spec.group, name, { ...closed, properties: { ...closed.properties, ...head } });
  }
}
