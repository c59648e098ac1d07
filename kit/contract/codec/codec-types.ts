// The words of the codec: what compiled encoders and decoders look like, and how fields are laid out in messages.
// Apart from the compilers, which refer to each other's work through the registry only.
import protobuf from 'protobufjs';
import type { Reader } from './reader.ts';
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

/** Finds codecs of types; compiled at their first use. */
export interface CodecRegistry {
  of(type: protobuf.Type): TypeCodec;
  ofEnum(type: protobuf.Enum): EnumCodec;
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
