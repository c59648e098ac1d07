// Values that come as text, from the path and the query, in the form that the JSON mapping of their field takes.
// Only what text cannot say by itself is changed here (booleans, lists, nesting); ranges are checked by the mapping.
import protobuf from 'protobufjs';
import { JsonError, jsonName, protoName } from '../../contract/json/message-json.ts';

/** JSON under construction. */
export interface JsonObject {
  [name: string]: unknown;
}

/** Messages whose JSON is one scalar, so that text can say them. */
const scalarMessages =
  /^\.google\.protobuf\.(Timestamp|Duration|FieldMask|(Double|Float|U?Int(32|64)|Bool|String|Bytes)Value)$/;

const words: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
]);

/**
 * Puts texts into the JSON of a message, at a path of field names.
 *
 * @param json JSON of the message, changed in place
 * @param names path to the field, in contract or JSON names
 * @param texts one text, or several for a repeated field
 * @throws JsonError when there is no such field, or text cannot say it
 */
export function putText(
  type: protobuf.Type,
  json: JsonObject,
  names: readonly string[],
  texts: readonly string[],
): void {
  let at = '';
  let message = type;
  let target = json;
  for (const [index, name] of names.entries()) {
    const field = fieldOf(message, name, at);
    at = at === '' ? protoName(field) : `${at}.${protoName(field)}`;
    const key = jsonName(field);
    if (index === names.length - 1) {
      put(field, target, key, texts, at);
      return;
    }
    const inner = field.resolve().resolvedType;
    if (!(inner instanceof protobuf.Type) || field.repeated || field instanceof protobuf.MapField) {
      throw new JsonError(
        `${at}.${names.slice(index + 1).join('.')}`,
        `'${at}' has no fields that a parameter could name`,
      );
    }
    const nested = target[key] ?? {};
    if (!isObject(nested)) throw new JsonError(at, 'expected an object');
    target[key] = nested;
    target = nested;
    message = inner;
  }
}

function put(field: protobuf.Field, target: JsonObject, key: string, texts: readonly string[], at: string): void {
  const { resolvedType } = field.resolve();
  if (field instanceof protobuf.MapField || (resolvedType instanceof protobuf.Type && !isScalar(resolvedType))) {
    throw new JsonError(at, `'${at}' is a message; name one of its fields`);
  }
  const values = texts.map((text) => value(field, text, at));
  if (field.repeated) {
    const present = target[key];
    target[key] = [...(Array.isArray(present) ? present : []), ...values];
    return;
  }
  if (values.length > 1 || Object.hasOwn(target, key)) throw new JsonError(at, `'${at}' is given more than once`);
  target[key] = values[0];
}

function value(field: protobuf.Field, text: string, at: string): unknown {
  const { resolvedType } = field;
  const bool = field.type === 'bool' || resolvedType?.fullName === '.google.protobuf.BoolValue';
  if (bool) {
    const word = words.get(text);
    if (word === undefined) throw new JsonError(at, 'expected true or false');
    return word;
  }
  if (resolvedType instanceof protobuf.Enum && /^-?\d+$/.test(text)) return Number(text);
  return text;
}

function isScalar(type: protobuf.Type): boolean {
  return scalarMessages.test(type.fullName);
}

function fieldOf(type: protobuf.Type, name: string, at: string): protobuf.Field {
  const field = type.fieldsArray.find((candidate) => jsonName(candidate) === name || protoName(candidate) === name);
  if (field === undefined)
    throw new JsonError(at === '' ? name : `${at}.${name}`, `${type.name} has no field '${name}'`);
  return field;
}

/** True for a plain JSON object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
