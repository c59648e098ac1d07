// Messages to JSON values and back by walking the reflected type. Unknown fields are refused, as the mapping says.
// Both the lowerCamelCase and the proto name of a field are accepted; lowerCamelCase is written.
import protobuf from 'protobufjs';
import { shapeOf } from '../codec/codec-types.ts';
import {
  durationFromJson,
  durationToJson,
  JsonError,
  scalarFromJson,
  scalarToJson,
  timestampFromJson,
  toCamel,
  toSnake,
  unexpected,
} from './scalar-json.ts';

export { JsonError } from './scalar-json.ts';

type Fields = Record<string, unknown>;

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const wrapper = /^\.google\.protobuf\.(Double|Float|U?Int(32|64)|Bool|String|Bytes)Value$/;

/** JSON name of a field: its `json_name` option, or its name in lowerCamelCase. */
export function jsonName(field: protobuf.Field): string {
  const given: unknown = field.options?.json_name;
  return typeof given === 'string' ? given : field.name;
}

/** Name of a field as the proto file spells it. protobufjs keeps it only where it is not the plain snake case. */
export function protoName(field: protobuf.ReflectionObject): string {
  return toSnake(field.name);
}

function valueToJson(field: protobuf.Field, value: unknown): unknown {
  const type = field.resolvedType;
  if (type instanceof protobuf.Type) return toJson(type, value);
  return type === null ? scalarToJson(field.type, value) : value;
}

/** The JSON mapping of a message. Fields with their default value are left out, `optional` ones that are set are not. */
export function toJson(type: protobuf.Type, message: unknown): unknown {
  if (message instanceof Date) return message.toISOString();
  const fields = message as Fields;
  if (type.fullName === '.google.protobuf.Duration') return durationToJson(fields);
  if (type.fullName === '.google.protobuf.FieldMask') {
    return ((fields.paths as readonly string[] | undefined) ?? []).map(toCamel).join(',');
  }
  if (wrapper.test(type.fullName)) {
    const field = type.fields.value;
    return field === undefined ? null : valueToJson(field, fields.value ?? field.resolve().defaultValue);
  }
  const json: Fields = {};
  for (const field of type.fieldsArray) {
    const value = fields[field.name];
    if (value === undefined || value === null) continue;
    field.resolve();
    const shape = shapeOf(field);
    if (shape === 'repeated') {
      const items = value as readonly unknown[];
      if (items.length > 0) json[jsonName(field)] = items.map((item) => valueToJson(field, item));
    } else if (shape === 'map') {
      const entries = Object.entries(value as Fields).map(([key, item]) => [key, valueToJson(field, item)] as const);
      if (entries.length > 0) json[jsonName(field)] = Object.fromEntries(entries);
    } else if (shape === 'optional' || !isDefault(field, value)) {
      json[jsonName(field)] = valueToJson(field, value);
    }
  }
  return json;
}

function isDefault(field: protobuf.Field, value: unknown): boolean {
  if (field.resolvedType instanceof protobuf.Enum) return field.resolvedType.values[String(value)] === 0;
  return value === '' || value === 0 || value === false || (value instanceof Uint8Array && value.length === 0);
}

function enumFromJson(type: protobuf.Enum, json: unknown, path: string): string {
  if (typeof json === 'string' && Object.hasOwn(type.values, json)) return json;
  const name = typeof json === 'number' ? type.valuesById[json] : undefined;
  return name ?? unexpected(path, `one of ${Object.keys(type.values).join(', ')}`, json);
}

function valueFromJson(field: protobuf.Field, json: unknown, path: string): unknown {
  const type = field.resolvedType;
  if (type instanceof protobuf.Type) return fromJson(type, json, path);
  if (type instanceof protobuf.Enum) return enumFromJson(type, json, path);
  return scalarFromJson(field.type, json, path);
}

function fieldFromJson(field: protobuf.Field, json: unknown, path: string): unknown {
  const shape = shapeOf(field);
  if (shape === 'repeated') {
    if (!Array.isArray(json)) return unexpected(path, 'an array', json);
    return json.map((item, index) => valueFromJson(field, item, `${path}[${index}]`));
  }
  if (shape === 'map') {
    if (!isObject(json)) return unexpected(path, 'an object', json);
    const entries = Object.entries(json).map(
      ([key, item]) => [key, valueFromJson(field, item, `${path}["${key}"]`)] as const,
    );
    return Object.fromEntries(entries);
  }
  return valueFromJson(field, json, path);
}

function emptyMessage(type: protobuf.Type): Fields {
  const message: Fields = {};
  for (const field of type.fieldsArray) {
    field.resolve();
    const shape = shapeOf(field);
    if (shape === 'repeated') message[field.name] = [];
    else if (shape === 'map') message[field.name] = {};
    else if (shape === 'singular') message[field.name] = defaultValue(field);
  }
  return message;
}

function defaultValue(field: protobuf.Field): unknown {
  if (field.resolvedType instanceof protobuf.Enum) return Object.keys(field.resolvedType.values)[0];
  if (field.resolvedType !== null) return null;
  if (field.type === 'bytes') return Buffer.alloc(0);
  if (field.type === 'string') return '';
  return field.type === 'bool' ? false : 0;
}

/**
 * A message from its JSON mapping.
 *
 * @param path where the value stands, for errors
 * @throws JsonError for an unknown field, a wrong type, a value out of range
 */
export function fromJson(type: protobuf.Type, json: unknown, path = ''): unknown {
  if (type.fullName === '.google.protobuf.Timestamp') return timestampFromJson(json, path);
  if (type.fullName === '.google.protobuf.Duration') return durationFromJson(json, path);
  if (type.fullName === '.google.protobuf.FieldMask') {
    if (typeof json !== 'string') return unexpected(path, "paths such as 'displayName,email'", json);
    return { paths: json === '' ? [] : json.split(',').map((part) => toSnake(part.trim())) };
  }
  const value = type.fields.value;
  if (wrapper.test(type.fullName) && value !== undefined) return { value: valueFromJson(value, json, path) };
  if (!isObject(json)) return unexpected(path, 'an object', json);
  const message = emptyMessage(type);
  const byName = namesOf(type);
  for (const [name, item] of Object.entries(json)) {
    const field = byName.get(name);
    if (field === undefined) throw new JsonError(join(path, name), `${type.name} has no field '${name}'`);
    if (item === null) continue;
    const at = join(path, protoName(field));
    const oneof = field.partOf;
    if (oneof !== null && !oneof.isProto3Optional) {
      if (message[oneof.name] !== undefined)
        throw new JsonError(at, `more than one of ${oneof.oneof.join(', ')} is set`);
      message[oneof.name] = field.name;
    }
    message[field.name] = fieldFromJson(field, item, at);
  }
  return message;
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

const names = new WeakMap<protobuf.Type, Map<string, protobuf.Field>>();

function namesOf(type: protobuf.Type): Map<string, protobuf.Field> {
  let byName = names.get(type);
  if (byName === undefined) {
    byName = new Map();
    for (const field of type.fieldsArray) {
      field.resolve();
      byName.set(protoName(field), field).set(jsonName(field), field);
    }
    names.set(type, byName);
  }
  return byName;
}
