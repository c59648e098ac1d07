// Field masks: which fields of a message are read (AIP-157) and which are written (AIP-134, AIP-161).
// Paths are proto names (`display_name`, `address.city`); messages have them in lowerCamelCase.
import { toCamel } from '../contract/json/scalar-json.ts';
import type { Init } from '../contract/shapes.ts';
import { RpcError } from '../errors/rpc-error.ts';

/** A `google.protobuf.FieldMask` in a request. */
export type FieldMask = { readonly paths: readonly string[] } | null | undefined;

type Fields = Record<string, unknown>;

function isMessage(value: unknown): value is Fields {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Date) &&
    !(value instanceof Uint8Array)
  );
}

/** A mask as a tree; a leaf takes everything below it. */
type Tree = Map<string, Tree>;

function treeOf(paths: readonly string[]): Tree {
  const root: Tree = new Map();
  for (const path of paths) {
    let node = root;
    for (const part of path.split('.')) {
      const key = toCamel(part);
      const next = node.get(key) ?? new Map<string, never>();
      node.set(key, next);
      node = next;
    }
    node.clear();
  }
  return root;
}

function isEverything(mask: FieldMask): boolean {
  return mask === null || mask === undefined || mask.paths.length === 0 || mask.paths.includes('*');
}

function unknownPath(path: string): RpcError {
  return new RpcError('INVALID_ARGUMENT', `there is no field ${path}`, {
    reason: 'FIELD_MASK_INVALID',
    fieldViolations: [{ field: path, description: 'is not a field of the message', reason: 'field_mask' }],
  });
}

function pick(message: Fields, tree: Tree, place: string): Fields {
  const picked: Fields = {};
  for (const [key, below] of tree) {
    if (!Object.hasOwn(message, key)) {
      // Members of a oneof and `optional` fields are absent when they are not set: nothing to pick.
      continue;
    }
    const value = message[key];
    if (below.size === 0 || value === null) picked[key] = value;
    else if (isMessage(value)) picked[key] = pick(value, below, `${place}${key}.`);
    else throw unknownPath(`${place}${key}`);
  }
  return picked;
}

/**
 * The fields of a message that a read mask names; all of them without a mask. Which paths are allowed is said in the
 * contract, by a `field_mask` rule.
 */
export function applyReadMask<T extends object>(message: T, mask: FieldMask): Init<T> {
  if (isEverything(mask)) return message as Init<T>;
  return pick(message as Fields, treeOf(mask?.paths ?? []), '') as Init<T>;
}

function merge(current: Fields, patch: Fields, tree: Tree): Fields {
  const merged: Fields = { ...current };
  for (const [key, below] of tree) {
    const before = current[key];
    const after = patch[key];
    merged[key] = below.size > 0 && isMessage(after) ? merge(isMessage(before) ? before : {}, after, below) : after;
  }
  return merged;
}

function isSet(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === 0 || value === false) return false;
  return !(Array.isArray(value) && value.length === 0);
}

/**
 * A message after an update. Without a mask the fields that the patch sets are taken; `*` takes all of them; a field that
 * the mask names and the patch leaves at its default is emptied.
 */
export function applyUpdateMask<T extends object>(current: T, patch: T, mask: FieldMask): T {
  const paths = mask?.paths ?? [];
  if (paths.includes('*')) return { ...patch };
  const fields = patch as Fields;
  const named =
    paths.length > 0
      ? treeOf(paths)
      : new Map(
          Object.keys(fields)
            .filter((key) => isSet(fields[key]))
            .map((key) => [key, new Map()] as const),
        );
  return merge(current as Fields, fields, named) as T;
}
