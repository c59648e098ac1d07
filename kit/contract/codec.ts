// Messages to bytes and back. The view of a message is the generated types': camelCase names, enums as names, 64-bit
// integers as numbers, bytes as Buffer, timestamps as Date; unset messages null, unset oneof members absent.

import { maxDepth } from './codec/codec-types.ts';
import { DecodeError, Reader } from './codec/reader.ts';
import { Writer } from './codec/writer.ts';
import { type ContractSource, platformContracts } from './contract-source.ts';
import { fromJson, toJson } from './json/message-json.ts';
import type { Init, Message, MessageName } from './shapes.ts';

export { DecodeError } from './codec/reader.ts';

/** Encodes and decodes one type of message. */
export interface Codec<T = object> {
  /** Full name of the message. */
  readonly name: string;
  /** @throws TypeError naming the field whose value has the wrong type */
  encode(message: Init<T>): Buffer;
  /** @throws DecodeError when the bytes are not such a message */
  decode(bytes: Uint8Array): T;
  /** The protobuf JSON mapping of a message: a plain value for `JSON.stringify`. */
  toJson(message: Init<T>): unknown;
  /** @throws JsonError naming the path of what is unknown or has the wrong type */
  fromJson(json: unknown): T;
}

const writer = new Writer();

/** The codec of a message that `source` declares. Look it up once, not once a call. */
export function codecIn(source: ContractSource, name: string): Codec {
  const type = source.message(name);
  const codec = source.codecs.of(type);
  return {
    name,
    encode(message) {
      const start = writer.position;
      try {
        codec.encode(writer, message);
      } catch (error) {
        writer.position = start;
        throw error;
      }
      return writer.finish(start);
    },
    decode(bytes) {
      try {
        return codec.decode(new Reader(bytes), maxDepth) as object;
      } catch (error) {
        // Reading past a fixed-width value's end shows as a RangeError of Buffer.
        if (error instanceof DecodeError) throw new DecodeError(`not a ${name}: ${error.message}`);
        throw error;
      }
    },
    toJson: (message) => toJson(type, message),
    fromJson: (json) => fromJson(type, json) as object,
  };
}

/** The codec of a message of the platform's contracts. */
export function codecOf<N extends MessageName>(name: N): Codec<Message<N> & object> {
  return codecIn(platformContracts, name) as unknown as Codec<Message<N> & object>;
}
