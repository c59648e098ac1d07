// From manifest text to typed objects: splits YAML documents, recognises the kind, reads it with its shape.
// Kinds that the mesh does not know are passed over and listed, never guessed at.

import { type Document, isMap, isSeq, LineCounter, type Node, parseAllDocuments } from 'yaml';
import { KINDS, type KindName, type ObjectsByKind } from './kinds/index.ts';
import type { Coverage, Problem } from './problem.ts';
import { Reader } from './reader.ts';
import { text } from './scalars.ts';
import { mapOf } from './shape.ts';
import type { SourcePosition } from './source-position.ts';

export interface ManifestFile {
  /** The name that problems show: best relative to where the user stands. */
  readonly file: string;
  readonly text: string;
  /** Changes a document before it is read: live changes, which keep the lines of everything that they do not touch. */
  readonly edit?: (document: Document) => void;
}

/** One object of a supported kind. `spec` is the typed spec. */
export interface ManifestObject<K extends KindName = KindName> {
  readonly kind: K;
  readonly name: string;
  readonly namespace: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly spec: ObjectsByKind[K];
  readonly position: SourcePosition;
}

export interface ReadResult {
  readonly objects: readonly ManifestObject[];
  readonly problems: readonly Problem[];
  readonly coverage: readonly Coverage[];
  /** Kinds that were passed over, with how many objects of each: they are not the mesh's business. */
  readonly passedOver: ReadonlyMap<string, number>;
}

const CLUSTER_SCOPED = new Set(['Namespace']);
const FOREIGN_ISTIO = /(^|\.)istio\.io\//;

export function readManifests(files: readonly ManifestFile[], defaultNamespace = 'default'): ReadResult {
  const objects: ManifestObject[] = [];
  const problems: Problem[] = [];
  const coverage: Coverage[] = [];
  const passedOver = new Map<string, number>();
  for (const { file, text: source, edit } of files) {
    const lines = new LineCounter();
    for (const document of parseAllDocuments(source, { lineCounter: lines, merge: true, uniqueKeys: true })) {
      if (!('contents' in document)) continue;
      for (const each of [...unpacked(document as Document)]) {
        const reader = new Reader(file, each, lines, document as Document);
        for (const error of each.errors)
          problems.push({
            file,
            line: lines.linePos(error.pos[0]).line,
            field: '',
            severity: 'error',
            object: file,
            message: `is not YAML: ${error.message.split('\n')[0]}`,
          });
        if (each.errors.length > 0 || each.contents === null) continue;
        edit?.(each);
        const object = readObject(reader, each, defaultNamespace, passedOver);
        if (object !== undefined) objects.push(object);
        problems.push(...reader.problems);
        coverage.push(...reader.coverage);
      }
    }
  }
  return { objects, problems: [...problems, ...duplicates(objects)], coverage, passedOver };
}

/** A `List` is its items; anything else is itself. */
function* unpacked(document: Document): Generator<Document> {
  const root = document.contents;
  const items = isMap(root) && root.get('kind') === 'List' ? root.get('items', true) : undefined;
  if (!isSeq(items)) {
    yield document;
    return;
  }
  for (const item of items.items) {
    const part = document.clone();
    part.contents = item as Node as typeof part.contents;
    yield part;
  }
}

function readObject(
  reader: Reader,
  document: Document,
  defaultNamespace: string,
  passedOver: Map<string, number>,
): ManifestObject | undefined {
  const root = document.contents;
  const apiVersion = reader.text('apiVersion');
  const kind = reader.text('kind');
  if (!isMap(root) || apiVersion === undefined || kind === undefined) {
    reader.fail(root as Node | null, '', 'is not a Kubernetes object: apiVersion and kind are missing');
    return undefined;
  }
  const known = Object.hasOwn(KINDS, kind) ? KINDS[kind as KindName] : undefined;
  if (known === undefined || !known.apiVersions.includes(apiVersion)) {
    if (known !== undefined && FOREIGN_ISTIO.test(apiVersion))
      reader.fail(root, 'apiVersion', `${kind} has the version ${known.apiVersions.join(' or ')}`);
    else if (FOREIGN_ISTIO.test(apiVersion)) {
      reader.object = `${kind} ${reader.text('metadata', 'name') ?? ''}`;
      reader.cover(root, '', 'not applied', `the laptop mesh does not know the kind ${kind}`);
    } else passedOver.set(kind, (passedOver.get(kind) ?? 0) + 1);
    return undefined;
  }
  const name = reader.text('metadata', 'name');
  const namespace = CLUSTER_SCOPED.has(kind) ? '' : (reader.text('metadata', 'namespace') ?? defaultNamespace);
  if (name === undefined) {
    reader.object = kind;
    reader.fail(root, 'metadata.name', 'is required');
    return undefined;
  }
  reader.object = `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
  const before = reader.problems.length;
  const labelsNode = document.getIn(['metadata', 'labels'], true) as Node | undefined;
  const labels =
    labelsNode === undefined
      ? undefined
      : reader.silently(() => mapOf(text).read(labelsNode, reader, 'metadata.labels'));
  // A missing spec is an empty one, as the API server has it: `kind: AuthorizationPolicy` alone denies everything.
  const empty = document.createNode({}) as Node;
  const body = known.root === 'spec' ? ((root.get('spec', true) as Node | undefined) ?? empty) : root;
  const spec = known.read(body, reader);
  if (reader.problems.length > before || spec === undefined) return undefined;
  const position = reader.position(root, '');
  return { kind: kind as KindName, name, namespace, labels: labels ?? new Map(), spec, position } as ManifestObject;
}

function duplicates(objects: readonly ManifestObject[]): Problem[] {
  const seen = new Map<string, ManifestObject>();
  const problems: Problem[] = [];
  for (const object of objects) {
    // A ConfigMap is the mesh's business only when it holds Istio's own settings.
    if (object.kind === 'ConfigMap') continue;
    const key = `${object.kind} ${object.namespace}/${object.name}`;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, object);
    else
      problems.push({
        ...object.position,
        field: 'metadata.name',
        severity: 'error',
        object: key,
        message: `is declared twice: first in ${first.position.file}:${first.position.line}`,
      });
  }
  return problems;
}
