// Writes and compiles the decoder of one message type: a switch on the tag that fills locals, then one object literal.
// A known field with the wrong wire type is an error; an unknown field is skipped, because newer peers send them.
import protobuf from 'protobufjs';
import { type CodecRegistry, type FieldShape, keyOf, shapeOf, type TypeCodec } from './codec-types.ts';
import { DecodeError, Reader } from './reader.ts';

const wireTypes: Readonly<Record<string, number>> = {
  double: 1,
  fixed64: 1,
  sfixed64: 1,
  float: 5,
  fixed32: 5,
  sfixed32: 5,
  string: 2,
  bytes: 2,
};

/** Wire type of a field's single value. */
export function wireTypeOf(field: protobuf.FieldBase): number {
  if (field.resolvedType instanceof protobuf.Type) return 2;
  return wireTypes[field.type] ?? 0;
}

/** The literal of a scalar's default value. */
function defaultOf(field: protobuf.FieldBase): string {
  if (field.resolvedType instanceof protobuf.Enum) {
    const first = Object.keys(field.resolvedType.values)[0];
    return JSON.stringify(first ?? 0);
  }
  if (field.resolvedType !== null) return 'null';
  if (field.type === 'string') return "''";
  if (field.type === 'bool') return 'false';
  if (field.type === 'bytes') return 'empty';
  return '0';
}

interface Parts {
  readonly types: TypeCodec[];
  readonly enums: ReadonlyMap<number, string>[];
  readonly registry: CodecRegistry;
}

/** The expression that reads one value of a type. */
function readValue(type: protobuf.Type | protobuf.Enum | null, scalar: string, parts: Parts): string {
  if (type instanceof protobuf.Type) {
    parts.types.push(parts.registry.of(type));
    return `nested(r, types[${parts.types.length - 1}], depth)`;
  }
  if (type instanceof protobuf.Enum) {
    parts.enums.push(parts.registry.ofEnum(type).names);
    return `name(enums[${parts.enums.length - 1}], r.int32())`;
  }
  return scalar === 'bytes' ? 'r.data()' : `r.${scalar}()`;
}

function readMap(field: protobuf.MapField, local: string, parts: Parts): string {
  field.resolve();
  const key = wireTypes[field.keyType] ?? 0;
  const read = readValue(field.resolvedType, field.type, parts);
  const initial = field.resolvedType instanceof protobuf.Type ? 'undefined' : defaultOf(field);
  const missing =
    field.resolvedType instanceof protobuf.Type
      ? `if (v === undefined) v = missing(types[${parts.types.length - 1}], depth); `
      : '';
  return (
    `case ${(field.id << 3) | 2}: { const outer = r.enter(); let k = ${field.keyType === 'string' ? "''" : '0'}, v = ${initial}; ` +
    `while (r.position < r.end) { const t = r.uint32(); if (t === ${8 | key}) k = r.${field.keyType}(); ` +
    `else if (t === ${16 | wireTypeOf(field)}) v = ${read}; else r.skip(t); } ` +
    `r.end = outer; ${missing}put(${local}, k, v); break; }\n`
  );
}

function cases(field: protobuf.Field, shape: FieldShape, local: string, clear: string, parts: Parts): string {
  if (field instanceof protobuf.MapField) return readMap(field, local, parts);
  const read = readValue(field.resolvedType, field.type, parts);
  const wire = wireTypeOf(field);
  const tag = ((field.id << 3) | wire) >>> 0;
  if (shape !== 'repeated') return `case ${tag}: ${clear}${local} = ${read}; break;\n`;
  const single = `case ${tag}: ${local}.push(${read}); break;\n`;
  if (wire === 2) return single;
  const packed = ((field.id << 3) | 2) >>> 0;
  return `${single}case ${packed}: { const outer = r.enter(); while (r.position < r.end) ${local}.push(${read}); r.end = outer; break; }\n`;
}

function nested(reader: Reader, codec: TypeCodec, depth: number): unknown {
  if (depth === 0) throw new DecodeError('messages are nested too deeply');
  const outer = reader.enter();
  const message = codec.decode(reader, depth - 1);
  reader.end = outer;
  return message;
}

/** A map entry without a value holds the empty message. */
function missing(codec: TypeCodec, depth: number): unknown {
  return codec.decode(emptyReader, depth);
}

function name(names: ReadonlyMap<number, string>, number: number): string | number {
  return names.get(number) ?? number;
}

function put(map: object, key: string | number | boolean, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
  else Reflect.set(map, key as string, value);
}

const empty = Buffer.alloc(0);
const emptyReader = new Reader(empty);

type Decode = (reader: Reader, depth: number) => unknown;

/** Compiles the decoder of `type`. */
export function compileDecoder(type: protobuf.Type, registry: CodecRegistry): Decode {
  const parts: Parts = { types: [], enums: [], registry };
  const locals: string[] = [];
  const literal: string[] = [];
  const optional: string[] = [];
  const fieldNames = new Map<number, string>();
  let switchBody = '';
  type.fieldsArray.forEach((field, index) => {
    field.resolve();
    const shape = shapeOf(field);
    const local = `v${index}`;
    const key = JSON.stringify(keyOf(field));
    fieldNames.set(field.id, keyOf(field));
    let clear = '';
    if (shape === 'optional') {
      locals.push(local);
      optional.push(`if (${local} !== undefined) m[${key}] = ${local};`);
      const oneof = field.partOf;
      if (oneof !== null && !oneof.isProto3Optional) {
        const which = `w${type.oneofsArray.indexOf(oneof)}`;
        clear = `if (${which} !== undefined) { ${oneof.fieldsArray.map((other) => `v${type.fieldsArray.indexOf(other)} = undefined;`).join(' ')} } ${which} = ${key}; `;
      }
    } else {
      locals.push(`${local} = ${shape === 'map' ? '{}' : shape === 'repeated' ? '[]' : defaultOf(field)}`);
      literal.push(`${key}: ${local}`);
    }
    switchBody += cases(field, shape, local, clear, parts);
  });
  type.oneofsArray.forEach((oneof, index) => {
    if (oneof.isProto3Optional) return;
    locals.push(`w${index}`);
    optional.push(`if (w${index} !== undefined) m[${JSON.stringify(oneof.name)}] = w${index};`);
  });
  const unknown = (reader: Reader, tag: number): void => {
    const known = fieldNames.get(tag >>> 3);
    if (known !== undefined) throw new DecodeError(`${known} has wire type ${tag & 7}, which does not fit its type`);
    reader.skip(tag);
  };
  const source =
    `${locals.length > 0 ? `let ${locals.join(', ')};\n` : ''}while (r.position < r.end) {\nconst tag = r.uint32();\nswitch (tag) {\n${switchBody}` +
    `default: unknown(r, tag);\n}\n}\nconst m = { ${literal.join(', ')} };\n${optional.join('\n')}\nreturn m;`;
  const factory = new Function(
    'types, enums, nested, missing, name, put, unknown, empty',
    `return function decode(r, depth) {\n${source}\n}`,
  ) as (...parts: unknown[]) => Decode;
  return factory(parts.types, parts.enums, nested, missing, name, put, unknown, empty);
}
