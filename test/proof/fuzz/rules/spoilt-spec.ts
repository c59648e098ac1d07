// Ways to break a valid spec at any place in it: another type, a word that no list holds, a field that does not exist.
import { isMap, LineCounter, type Node, parseDocument } from 'yaml';

/** A place in a spec, as keys and indexes. */
export type Place = readonly (string | number)[];

/** One way to break a spec. */
export interface Spoiling {
  readonly place: Place;
  readonly value: unknown;
  readonly what: string;
}

/** Fields that are mappings from names of one's own: any key is right there. */
const mappings: ReadonlySet<string> = new Set([
  'headers',
  'withoutHeaders',
  'queryParams',
  'sourceLabels',
  'set',
  'add',
  'labels',
  'matchLabels',
  'ports',
  'selector',
  'portLevelMtls',
]);

/** Values that are of the right type and wrong all the same, by field. */
const wrongValues: Readonly<Record<string, unknown>> = {
  timeout: 'soon',
  perTryTimeout: '5',
  backoff: '-1s',
  fixedDelay: 'soon',
  baseEjectionTime: '1 s',
  regex: '(',
  weight: -1,
  attempts: 1.5,
  retryOn: 'sometimes',
  httpStatus: 99,
  grpcStatus: 'BROKEN',
  simple: 'FASTEST',
  mode: 'MAYBE',
  number: 65_536,
  maxEjectionPercent: 101,
  action: 'PERHAPS',
  resolution: 'GUESS',
  location: 'NOWHERE',
  metric: 'LUCK',
  randomSamplingPercentage: 101,
};

/** True where the keys of an object are fields. `headers` of a route has fields; of a match, names of headers. */
function hasFields(place: Place, value: object): boolean {
  const name = [...place].reverse().find((part) => typeof part === 'string');
  if (typeof place.at(-1) === 'number' || name === undefined) return true;
  if (name === 'headers') return Object.keys(value).some((key) => key === 'request' || key === 'response');
  // A Gateway's selector is a mapping, that of a policy has the field matchLabels.
  if (name === 'selector') return Object.hasOwn(value, 'matchLabels');
  return !mappings.has(name);
}

/** Every way to break a spec, place by place. */
export function* spoilings(value: unknown, place: Place = []): Generator<Spoiling> {
  if (Array.isArray(value)) {
    if (place.length > 0) yield { place, value: 'x', what: 'a word in place of a list' };
    for (const [index, item] of value.entries()) yield* spoilings(item, [...place, index]);
  } else if (typeof value === 'object' && value !== null) {
    yield { place, value: 'x', what: 'a word in place of an object' };
    if (hasFields(place, value))
      yield { place: [...place, 'noSuchField'], value: 1, what: 'a field that does not exist' };
    for (const [key, item] of Object.entries(value)) yield* spoilings(item, [...place, key]);
  } else {
    yield { place, value: { x: [] }, what: 'an object in place of a word' };
    const name = String(place.at(-1));
    if (Object.hasOwn(wrongValues, name)) yield { place, value: wrongValues[name], what: 'a wrong value' };
  }
}

/** The spec with the spoiling in it. */
export function spoilt(spec: object, { place, value }: Spoiling): unknown {
  if (place.length === 0) return value;
  const copy = structuredClone(spec) as Record<string | number, unknown>;
  let inner = copy;
  for (const part of place.slice(0, -1)) inner = inner[part] as Record<string | number, unknown>;
  inner[place.at(-1) ?? ''] = value;
  return copy;
}

/** Where a place is in the text of an object, from 1. A field that does not exist is found by its key. */
export function lineOf(text: string, place: Place): number {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  let node = document.getIn(['spec', ...place], true) as Node | undefined;
  if (place.at(-1) === 'noSuchField') {
    const parent = document.getIn(['spec', ...place.slice(0, -1)], true);
    const pair = isMap(parent) ? parent.items.find(({ key }) => String(key) === 'noSuchField') : undefined;
    node = pair?.key as Node | undefined;
  }
  return lines.linePos(node?.range?.[0] ?? 0).line;
}

/** The place as problems name it: `spec.http[0].headers[x-a].exact`. */
export function fieldOf(spec: object, place: Place): string {
  let path = 'spec';
  let value: unknown = spec;
  for (const [index, part] of place.entries()) {
    const here = place.slice(0, index);
    const named = typeof part === 'number' || (typeof value === 'object' && value !== null && !hasFields(here, value));
    path += named ? `[${part}]` : `.${part}`;
    value = (value as Record<string | number, unknown> | undefined)?.[part];
  }
  return path;
}
