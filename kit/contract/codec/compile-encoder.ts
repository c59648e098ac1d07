// Writes and compiles the encoder of one message type. Values of the wrong type throw a TypeError that names the field.
// Fields left out, null or undefined have their default and are not written, as proto3 says.
import protobuf from 'protobufjs';
import { type CodecRegistry, type EnumCodec, keyOf, shapeOf, type TypeCodec } from './codec-types.ts';
import { wireTypeOf } from './compile-decoder.ts';
import { timestampCodec } from './timestamp.ts';
import type { Writer } from './writer.ts';

/** The condition under which a value is of the scalar's type. */
const checks: Readonly<Record<string, string>> = {
  string: "typeof v === 'string'",
  bool: "typeof v === 'boolean'",
  bytes: 'v instanceof Uint8Array',
  double: "typeof v === 'number'",
  float: "typeof v === 'number'",
  int32: '(v | 0) === v',
  sint32: '(v | 0) === v',
  sfixed32: '(v | 0) === v',
  uint32: '(v >>> 0) === v',
  fixed32: '(v >>> 0) === v',
  int64: 'Number.isSafeInteger(v)',
  sint64: 'Number.isSafeInteger(v)',
  sfixed64: 'Number.isSafeInteger(v)',
  uint64: 'Number.isSafeInteger(v) && v >= 0',
  fixed64: 'Number.isSafeInteger(v) && v >= 0',
};

interface Parts {
  readonly types: TypeCodec[];
  readonly enums: EnumCodec[];
  readonly registry: CodecRegistry;
}

/** Statements that check and write the value in `v` without its tag; `where` names the field in errors. */
function writeValue(type: protobuf.Type | protobuf.Enum | null, scalar: string, where: string, parts: Parts): string {
  if (type instanceof protobuf.Type) {
    parts.types.push(parts.registry.of(type));
    return `nested(w, types[${parts.types.length - 1}], v, ${where});`;
  }
  if (type instanceof protobuf.Enum) {
    parts.enums.push(parts.registry.ofEnum(type));
    return `w.int32(number(enums[${parts.enums.length - 1}], v, ${where}));`;
  }
  const check = checks[scalar];
  if (check === undefined) throw new Error(`${where}: ${scalar} is not a scalar type`);
  return `if (!(${check})) wrong('${scalar}', v, ${where}); ${scalar === 'bytes' ? 'w.data(v)' : `w.${scalar}(v)`};`;
}

/** The condition under which a singular field's value differs from its default. */
function differs(field: protobuf.Field): string {
  if (field.resolvedType instanceof protobuf.Enum) {
    return `v !== ${JSON.stringify(Object.keys(field.resolvedType.values)[0])} && v !== 0`;
  }
  if (field.resolvedType !== null) return 'true';
  if (field.type === 'string') return "v !== ''";
  if (field.type === 'bool') return 'v !== false';
  if (field.type === 'bytes') return 'v.length !== 0';
  if (field.type === 'double' || field.type === 'float') return '(v !== 0 || Object.is(v, -0))';
  return 'v !== 0';
}

function writeMap(field: protobuf.MapField, where: string, parts: Parts): string {
  const key = field.keyType === 'string' ? 'k' : field.keyType === 'bool' ? "k === 'true'" : 'Number(k)';
  const keyWire =
    field.keyType === 'string' ? 2 : /fixed32/.test(field.keyType) ? 5 : /fixed64/.test(field.keyType) ? 1 : 0;
  return (
    `for (const k of Object.keys(v0)) { const v = v0[k]; w.uint32(${((field.id << 3) | 2) >>> 0}); const at = w.open(); ` +
    `w.uint32(${8 | keyWire}); w.${field.keyType}(${key}); w.uint32(${16 | wireTypeOf(field)}); ` +
    `${writeValue(field.resolvedType, field.type, where, parts)} w.close(at); }`
  );
}

function writeField(field: protobuf.Field, where: string, parts: Parts): string {
  const key = JSON.stringify(keyOf(field));
  const wire = wireTypeOf(field);
  const tag = ((field.id << 3) | wire) >>> 0;
  const shape = shapeOf(field);
  if (field instanceof protobuf.MapField) {
    return `{ const v0 = m[${key}]; if (v0 !== undefined && v0 !== null) { if (typeof v0 !== 'object') wrong('an object', v0, ${where}); ${writeMap(field, where, parts)} } }\n`;
  }
  const value = writeValue(field.resolvedType, field.type, where, parts);
  if (shape === 'repeated') {
    const body =
      wire === 2
        ? `for (const v of v0) { w.uint32(${tag}); ${value} }`
        : `if (v0.length > 0) { w.uint32(${((field.id << 3) | 2) >>> 0}); const at = w.open(); for (const v of v0) { ${value} } w.close(at); }`;
    return `{ const v0 = m[${key}]; if (v0 !== undefined && v0 !== null) { if (!Array.isArray(v0)) wrong('an array', v0, ${where}); ${body} } }\n`;
  }
  const condition = shape === 'optional' ? '' : ` && ${differs(field)}`;
  return `{ const v = m[${key}]; if (v !== undefined && v !== null${condition}) { w.uint32(${tag}); ${value} } }\n`;
}

function nested(writer: Writer, codec: TypeCodec, value: unknown, where: string): void {
  if (codec === timestampCodec) {
    if (!(value instanceof Date && !Number.isNaN(value.getTime()))) wrong('a Date', value, where);
  } else if (typeof value !== 'object' || value === null) {
    wrong('an object', value, where);
  }
  const start = writer.open();
  codec.encode(writer, value);
  writer.close(start);
}

function number(type: EnumCodec, value: unknown, where: string): number {
  const known = typeof value === 'string' ? type.numbers.get(value) : value;
  if (typeof known === 'number' && (known | 0) === known) return known;
  return wrong(`one of ${[...type.numbers.keys()].join(', ')}`, value, where);
}

function wrong(expected: string, value: unknown, where: string): never {
  const got =
    value === null
      ? 'null'
      : typeof value === 'number'
        ? String(value)
        : Array.isArray(value)
          ? 'an array'
          : typeof value;
  throw new TypeError(`${where}: expected ${expected}, got ${got}`);
}

function both(name: string, fields: string): never {
  throw new TypeError(`${name}: more than one of ${fields} is set; a oneof holds one`);
}

/** Compiles the encoder of `type`. */
export function compileEncoder(
  type: protobuf.Type,
  registry: CodecRegistry,
): (writer: Writer, message: unknown) => void {
  const parts: Parts = { types: [], enums: [], registry };
  const full = type.fullName.slice(1);
  let body = '';
  for (const oneof of type.oneofsArray) {
    if (oneof.isProto3Optional) continue;
    const set = oneof.fieldsArray.map((field) => {
      const value = `m[${JSON.stringify(keyOf(field))}]`;
      return `(${value} !== undefined && ${value} !== null ? 1 : 0)`;
    });
    const names = oneof.fieldsArray.map((field) => field.name).join(', ');
    body += `if (${set.join(' + ')} > 1) both(${JSON.stringify(`${full}.${oneof.name}`)}, ${JSON.stringify(names)});\n`;
  }
  for (const field of type.fieldsArray) {
    field.resolve();
    body += writeField(field, JSON.stringify(`${full}.${field.name}`), parts);
  }
  const factory = new Function(
    'types, enums, nested, number, wrong, both',
    `return function encode(w, m) {\n${body}}`,
  ) as (...parts: unknown[]) => (writer: Writer, message: unknown) => void;
  return factory(parts.types, parts.enums, nested, number, wrong, both);
}
