// google.protobuf.Timestamp is a Date in the kit's messages. A Date counts milliseconds: what is finer is cut off.

import type { TypeCodec } from './codec-types.ts';
import { DecodeError } from './reader.ts';

/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z, the bounds that timestamp.proto sets. */
const firstSecond = -62_135_596_800;
const lastSecond = 253_402_300_799;

export const timestampCodec: TypeCodec = {
  decode(reader) {
    let seconds = 0;
    let nanos = 0;
    while (reader.position < reader.end) {
      const tag = reader.uint32();
      if (tag === 8) seconds = reader.int64();
      else if (tag === 16) nanos = reader.int32();
      else reader.skip(tag);
    }
    if (seconds < firstSecond || seconds > lastSecond || nanos < 0 || nanos > 999_999_999) {
      throw new DecodeError(`a timestamp of ${seconds} s and ${nanos} ns is outside of the years 1 to 9999`);
    }
    return new Date(seconds * 1000 + Math.floor(nanos / 1e6));
  },
  encode(writer, message) {
    const time = message instanceof Date ? message.getTime() : Number.NaN;
    const seconds = Math.floor(time / 1000);
    if (!(seconds >= firstSecond && seconds <= lastSecond)) {
      throw new TypeError(`expected a Date between the years 1 and 9999, got ${String(message)}`);
    }
    const nanos = (time - seconds * 1000) * 1e6;
    if (seconds !== 0) {
      writer.uint32(8);
      writer.int64(seconds);
    }
    if (nanos !== 0) {
      writer.uint32(16);
      writer.int32(nanos);
    }
  },
};
