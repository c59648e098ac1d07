// Small combinators that read a YAML node into a typed value, and note each field's position and coverage while they do.
// A shape never throws: it reports to the reader and gives undefined, so one pass finds every mistake in a file.

import { isAlias, isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';
import type { Reader } from './reader.ts';
import { rememberPosition } from './source-position.ts';

export interface Shape<T> {
  read(node: Node | null | undefined, reader: Reader, path: string): T | undefined;
  /** Scalars are leaves: coverage is recorded for them (and for whole subtrees that carry a note). */
  readonly leaf: boolean;
  readonly required?: boolean;
}

export interface RequiredShape<T> extends Shape<T> {
  readonly required: true;
}

export type ValueOf<S> = S extends Shape<infer T> ? T : never;

type FieldMap = Readonly<Record<string, Shape<unknown>>>;
export type ObjectOf<F extends FieldMap> = {
  readonly [K in keyof F as F[K] extends RequiredShape<unknown> ? K : never]: ValueOf<F[K]>;
} & {
  readonly [K in keyof F as F[K] extends RequiredShape<unknown> ? never : K]?: ValueOf<F[K]>;
};

export function required<T>(shape: Shape<T>): RequiredShape<T> {
  return { ...shape, read: shape.read, required: true };
}

function marked<T>(shape: Shape<T>, status: 'approximated' | 'not applied', why: string): Shape<T> {
  return {
    leaf: true,
    read(node, reader, path) {
      reader.cover(node, path, status, why);
      return reader.silently(() => shape.read(node, reader, path));
    },
  };
}

/** The field is read and acts, but not in every detail as in a cluster; `why` is what `explain` prints. */
export function approximated<T>(shape: Shape<T>, why: string): Shape<T> {
  return marked(shape, 'approximated', why);
}

/** The field is checked but does nothing here; `why` is what `explain` prints. */
export function notApplied<T>(shape: Shape<T>, why: string): Shape<T> {
  return marked(shape, 'not applied', why);
}

function unaliased(node: Node | null | undefined, reader: Reader): Node | null | undefined {
  return isAlias(node) ? node.resolve(reader.anchors) : node;
}

function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
}

export interface ObjectOptions {
  /** Kubernetes objects hold much that the mesh has no business with: unknown fields are passed over. @default false */
  readonly open?: boolean;
}

export function object<F extends FieldMap>(fields: F, options: ObjectOptions = {}): Shape<ObjectOf<F>> {
  return {
    leaf: false,
    read(given, reader, path) {
      const node = unaliased(given, reader);
      if (!isMap(node)) {
        reader.fail(given, path, 'must be a mapping');
        return undefined;
      }
      const result: Record<string, unknown> = {};
      for (const pair of node.items) {
        const key = keyOf(pair);
        const shape = Object.hasOwn(fields, key) ? fields[key] : undefined;
        const child = path === '' ? key : `${path}.${key}`;
        if (shape === undefined) {
          if (options.open !== true) reader.fail(pair.key as Node, child, `unknown field ${JSON.stringify(key)}`);
          continue;
        }
        const value = pair.value as Node | null;
        if (value === null || (isScalar(value) && value.value === null)) continue;
        if (shape.leaf) reader.cover(pair.key as Node, child, 'applied');
        const read = shape.read(value, reader, child);
        if (read !== undefined) result[key] = read;
      }
      for (const [key, shape] of Object.entries(fields)) {
        if (shape.required === true && !node.items.some((pair) => keyOf(pair) === key))
          reader.fail(node, path === '' ? key : `${path}.${key}`, 'is required');
      }
      rememberPosition(result, reader.position(node, path));
      return result as ObjectOf<F>;
    },
  };
}

export function list<T>(item: Shape<T>): Shape<readonly T[]> {
  return {
    leaf: item.leaf,
    read(given, reader, path) {
      const node = unaliased(given, reader);
      if (!isSeq(node)) {
        reader.fail(given, path, 'must be a list');
        return undefined;
      }
      const result: T[] = [];
      node.items.forEach((child, index) => {
        const value = item.read(child as Node, reader, `${path}[${index}]`);
        if (value !== undefined) result.push(value);
      });
      rememberPosition(result, reader.position(node, path));
      return result;
    },
  };
}

export function mapOf<T>(item: Shape<T>): Shape<ReadonlyMap<string, T>> {
  return {
    leaf: true,
    read(given, reader, path) {
      const node = unaliased(given, reader);
      if (!isMap(node)) {
        reader.fail(given, path, 'must be a mapping');
        return undefined;
      }
      const result = new Map<string, T>();
      for (const pair of node.items) {
        const key = keyOf(pair);
        const value = item.read(pair.value as Node, reader, `${path}[${key}]`);
        if (value !== undefined) result.set(key, value);
      }
      rememberPosition(result, reader.position(node, path));
      return result;
    },
  };
}

/** A scalar with a check: `parse` gives the value, or a sentence saying what is wrong with it. */
export function scalar<T>(parse: (value: unknown, source: string) => { readonly value: T } | string): Shape<T> {
  return {
    leaf: true,
    read(given, reader, path) {
      const node = unaliased(given, reader);
      if (!isScalar(node)) {
        reader.fail(given, path, 'must be a single value');
        return undefined;
      }
      const parsed = parse(node.value, node.source ?? String(node.value));
      if (typeof parsed === 'string') {
        reader.fail(node, path, parsed);
        return undefined;
      }
      return parsed.value;
    },
  };
}

/** Adds a check that looks at a whole object, for rules such as "exactly one of". */
export function checked<T>(shape: Shape<T>, check: (value: T) => string | undefined): Shape<T> {
  return {
    leaf: shape.leaf,
    read(node, reader, path) {
      const value = shape.read(node, reader, path);
      const message = value === undefined ? undefined : check(value);
      if (message !== undefined) reader.fail(node, path, message);
      return value;
    },
  };
}
