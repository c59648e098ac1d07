// Encoder and decoder of one message type, compiled at first use from the reflected contract.
// Messages refer to each other through these objects, so a type that no call touches is never compiled.
import protobuf from 'protobufjs';
import { compileDecoder } from './compile-decoder.ts';
import { compileEncoder } from './compile-encoder.ts';
import type { Reader } from './reader.ts';
import { timestampCodec } from './timestamp.ts';
import type { Writer } from './writer.ts';

/** Deepest nesting that is decoded, as in protobuf's own implementations: a bound on the stack that a sender can use. */
export const maxDepth = 100;

/** What an encoder and a decoder of one type look like. */
export interface TypeCodec {
  /** Reads up to the reader's end. */
  decode(reader: Reader, depth: number): unknown;
  /** Appends the message without a length. */
  encode(writer: Writer, message: unknown): void;
}

/** Numbers and names of an enum. */
export interface EnumCodec {
  /** Name by number; a number that the contract does not know stays a number. */
  readonly names: ReadonlyMap<number, string>;
  readonly numbers: ReadonlyMap<string, number>;
}

class LazyTypeCodec implements TypeCodec {
  readonly #type: protobuf.Type;
  readonly #registry: TypeCodecs;

  constructor(type: protobuf.Type, registry: TypeCodecs) {
    this.#type = type;
    this.#registry = registry;
  }

  decode(reader: Reader, depth: number): unknown {
    const compiled = compileDecoder(this.#type, this.#registry);
    Object.defineProperty(this, 'decode', { value: compiled });
    return compiled(reader, depth);
  }

  encode(writer: Writer, message: unknown): void {
    const compiled = compileEncoder(this.#type, this.#registry);
    Object.defineProperty(this, 'encode', { value: compiled });
    compiled(writer, message);
  }
}

/** The codecs of all types of one reflection root. */
export class TypeCodecs {
  readonly #types = new Map<protobuf.Type, TypeCodec>();
  readonly #enums = new Map<protobuf.Enum, EnumCodec>();

  of(type: protobuf.Type): TypeCodec {
    let codec = this.#types.get(type);
    if (codec === undefined) {
      codec = type.fullName === '.google.protobuf.Timestamp' ? timestampCodec : new LazyTypeCodec(type, this);
      this.#types.set(type, codec);
    }
    return codec;
  }

  ofEnum(type: protobuf.Enum): EnumCodec {
    let codec = this.#enums.get(type);
    if (codec === undefined) {
      const numbers = new Map(Object.entries(type.values));
      const names = new Map<number, string>();
      for (const [name, number] of numbers) if (!names.has(number)) names.set(number, name);
      codec = { names, numbers };
      this.#enums.set(type, codec);
    }
    return codec;
  }
}

/** How a field is laid out in messages of the kit. */
export type FieldShape = 'singular' | 'optional' | 'repeated' | 'map';

/** Shape of a field; members of a oneof and `optional` fields are `optional`: absent when they are not set. */
export function shapeOf(field: protobuf.Field): FieldShape {
  if (field instanceof protobuf.MapField) return 'map';
  if (field.repeated) return 'repeated';
  return field.partOf === null ? 'singular' : 'optional';
}

/** Key of a field in messages. protobufjs brings google.protobuf.Any along with a name that is not in lowerCamelCase. */
export function keyOf(field: protobuf.ReflectionObject): string {
  return field.name === 'type_url' ? 'typeUrl' : field.name;
}
