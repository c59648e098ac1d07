// Reads protobuf's wire format from one buffer; everything that cannot be right throws a DecodeError.
// 64-bit integers come out as numbers, so one beyond 2^53-1 is refused rather than rounded.
import { isUtf8 } from 'node:buffer';

/** The bytes are not a message of the expected type. Servers answer it with INVALID_ARGUMENT, never INTERNAL. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}

/** What Buffer's `toString` calls once it has looked at its arguments; not in its types. */
interface Slices extends Buffer {
  latin1Slice(start: number, end: number): string;
  utf8Slice(start: number, end: number): string;
}

/** Texts up to this length are looked through here: one of ASCII alone needs no decoding. */
const shortText = 64;
/** Texts up to this length are built here: longer ones would consist of parts. */
const builtText = 12;
const twoTo32 = 4_294_967_296;
const replacement = '\uFFFD';

/** Cursor over the bytes of one message. */
export class Reader {
  readonly bytes: Buffer;
  position = 0;
  end: number;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.end = bytes.length;
  }

  /** A varint's low 32 bits, unsigned; a tag, a length, a uint32. */
  uint32(): number {
    const bytes = this.bytes;
    let byte = this.#byte();
    if (byte < 128) return byte;
    let value = byte & 127;
    for (let shift = 7; shift < 28; shift += 7) {
      byte = this.#byte();
      value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
    byte = this.#byte();
    value |= (byte & 15) << 28;
    for (let rest = 0; byte >= 128; rest++) {
      if (rest === 5)
        throw new DecodeError(`varint is longer than 10 bytes at byte ${this.position} of ${bytes.length}`);
      byte = this.#byte();
    }
    return value >>> 0;
  }

  int32(): number {
    return this.uint32() | 0;
  }

  sint32(): number {
    const value = this.uint32();
    return (value >>> 1) ^ -(value & 1);
  }

  bool(): boolean {
    let set = false;
    for (let length = 1; ; length++) {
      const byte = this.#byte();
      if ((byte & 127) !== 0) set = true;
      if (byte < 128) return set;
      if (length === 10) throw new DecodeError(`varint is longer than 10 bytes at byte ${this.position}`);
    }
  }

  int64(): number {
    // Seven bytes hold 49 bits, which a number holds exactly; negative ones have ten.
    let value = 0;
    let scale = 1;
    const start = this.position;
    for (let at = start; at < this.end && at < start + 7; at++) {
      const byte = this.bytes[at] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) {
        this.position = at + 1;
        return value;
      }
      scale *= 128;
    }
    const [low, high] = this.#varint64();
    return safe((high | 0) * twoTo32 + low);
  }

  uint64(): number {
    const [low, high] = this.#varint64();
    return safe(high * twoTo32 + low);
  }

  sint64(): number {
    const [low, high] = this.#varint64();
    const magnitude = (high >>> 1) * twoTo32 + ((((high & 1) << 31) | (low >>> 1)) >>> 0);
    return safe((low & 1) === 1 ? -magnitude - 1 : magnitude);
  }

  fixed32(): number {
    return this.bytes.readUInt32LE(this.#take(4));
  }

  sfixed32(): number {
    return this.bytes.readInt32LE(this.#take(4));
  }

  fixed64(): number {
    const at = this.#take(8);
    return safe(this.bytes.readUInt32LE(at + 4) * twoTo32 + this.bytes.readUInt32LE(at));
  }

  sfixed64(): number {
    const at = this.#take(8);
    return safe(this.bytes.readInt32LE(at + 4) * twoTo32 + this.bytes.readUInt32LE(at));
  }

  float(): number {
    return this.bytes.readFloatLE(this.#take(4));
  }

  double(): number {
    return this.bytes.readDoubleLE(this.#take(8));
  }

  string(): string {
    const length = this.uint32();
    const at = this.#take(length);
    if (length <= shortText) {
      const short = this.#ascii(at, length);
      if (short !== undefined) return short;
    }
    const text = (this.bytes as Slices).utf8Slice(at, at + length);
    // Only a text that holds the replacement character can have been invalid: valid text pays one search.
    if (text.includes(replacement) && !isUtf8(this.bytes.subarray(at, at + length))) {
      throw new DecodeError('a string is not valid UTF-8');
    }
    return text;
  }

  /** A short text of ASCII alone, for which a call into the runtime costs more than its characters. */
  #ascii(at: number, length: number): string | undefined {
    const { bytes } = this;
    let all = 0;
    for (let index = 0; index < length; index++) all |= bytes[at + index] ?? 0;
    if (all > 127) return undefined;
    if (length > builtText) return (bytes as Slices).latin1Slice(at, at + length);
    let text = '';
    let from = at;
    const end = at + length;
    for (; from + 4 <= end; from += 4) {
      text += String.fromCharCode(bytes[from] ?? 0, bytes[from + 1] ?? 0, bytes[from + 2] ?? 0, bytes[from + 3] ?? 0);
    }
    for (; from < end; from++) text += String.fromCharCode(bytes[from] ?? 0);
    return text;
  }

  /** Shares the message's memory. */
  data(): Buffer {
    const length = this.uint32();
    const at = this.#take(length);
    return this.bytes.subarray(at, at + length);
  }

  /** Limits the reader to a length-delimited part and returns the end to restore afterwards. */
  enter(): number {
    const length = this.uint32();
    const outer = this.end;
    const inner = this.position + length;
    if (inner > outer) throw truncated(length, outer - this.position);
    this.end = inner;
    return outer;
  }

  /** Steps over a field that the contract does not know; newer peers may send such. */
  skip(tag: number): void {
    switch (tag & 7) {
      case 0:
        this.bool();
        return;
      case 1:
        this.#take(8);
        return;
      case 2:
        this.#take(this.uint32());
        return;
      case 5:
        this.#take(4);
        return;
      default:
        throw new DecodeError(`wire type ${tag & 7} of field ${tag >>> 3} is not in use`);
    }
  }

  #byte(): number {
    if (this.position >= this.end) throw truncated(1, 0);
    return this.bytes[this.position++] ?? 0;
  }

  #take(length: number): number {
    const at = this.position;
    if (at + length > this.end) throw truncated(length, this.end - at);
    this.position = at + length;
    return at;
  }

  #varint64(): readonly [low: number, high: number] {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#byte();
      const bits = byte & 127;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high |= bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 128) return [low >>> 0, high >>> 0];
    }
    throw new DecodeError(`varint is longer than 10 bytes at byte ${this.position}`);
  }
}

function truncated(wanted: number, left: number): DecodeError {
  return new DecodeError(`message ends early: ${wanted} more bytes were announced, ${left} are there`);
}

function safe(value: number): number {
  if (Number.isSafeInteger(value)) return value;
  throw new DecodeError('a 64-bit integer lies outside of -(2^53-1)..2^53-1, the range that is carried exactly');
}
