// Encoder and decoder of one message type, compiled at first use from the reflected contract.
// Messages refer to each other through these objects, so a type that no call touches is never compiled.
import type protobuf from 'protobufjs';
import type { CodecRegistry, EnumCodec, TypeCodec } from './codec-types.ts';
import { compileDecoder } from './compile-decoder.ts';
import { compileEncoder } from './compile-encoder.ts';
import type { Reader } from './reader.ts';
import { timestampCodec } from './timestamp.ts';
import type { Writer } from './writer.ts';

class LazyTypeCodec implements TypeCodec {
  readonly #type: protobuf.Type;
  readonly #registry: CodecRegistry;

  constructor(type: protobuf.Type, registry: CodecRegistry) {
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
export class TypeCodecs implements CodecRegistry {
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
