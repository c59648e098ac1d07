// Writes protobuf's wire format into one growing scratch buffer; a finished message is copied out once.
// Lengths of nested messages are written after their content, in place: one byte is kept free, more are made by moving.
const twoTo32 = 4_294_967_296;
/** A scratch buffer that grew beyond this is not kept, so that one large message does not cost memory for ever. */
const keptBytes = 256 * 1024;
/** Texts below this length may be written character by character; their length fits in one byte. */
const shortText = 64;

/** Appends protobuf values. One instance serves all messages of a process: encoding never yields. */
export class Writer {
  bytes: Buffer = Buffer.allocUnsafeSlow(4096);
  position = 0;

  /** The bytes since `start`, copied; the writer is set back to `start`. */
  finish(start: number): Buffer {
    const message = Buffer.allocUnsafe(this.position - start);
    this.bytes.copy(message, 0, start, this.position);
    this.position = start;
    if (start === 0 && this.bytes.length > keptBytes) this.bytes = Buffer.allocUnsafeSlow(4096);
    return message;
  }

  uint32(value: number): void {
    this.#reserve(5);
    let rest = value >>> 0;
    while (rest > 127) {
      this.bytes[this.position++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.bytes[this.position++] = rest;
  }

  int32(value: number): void {
    if (value >= 0) this.uint32(value);
    else this.int64(value);
  }

  sint32(value: number): void {
    this.uint32((value << 1) ^ (value >> 31));
  }

  bool(value: boolean): void {
    this.#reserve(1);
    this.bytes[this.position++] = value ? 1 : 0;
  }

  int64(value: number): void {
    this.#varint64(value >>> 0, Math.floor(value / twoTo32) >>> 0);
  }

  uint64(value: number): void {
    this.int64(value);
  }

  sint64(value: number): void {
    const zigzag = value < 0 ? -(value + 1) : value;
    const low = zigzag >>> 0;
    const high = Math.floor(zigzag / twoTo32);
    this.#varint64(((low << 1) | (value < 0 ? 1 : 0)) >>> 0, ((high << 1) | (low >>> 31)) >>> 0);
  }

  fixed32(value: number): void {
    this.#reserve(4);
    this.position = this.bytes.writeUInt32LE(value >>> 0, this.position);
  }

  sfixed32(value: number): void {
    this.fixed32(value);
  }

  fixed64(value: number): void {
    this.#reserve(8);
    this.bytes.writeUInt32LE(value >>> 0, this.position);
    this.position = this.bytes.writeUInt32LE(Math.floor(value / twoTo32) >>> 0, this.position + 4);
  }

  sfixed64(value: number): void {
    this.fixed64(value);
  }

  float(value: number): void {
    this.#reserve(4);
    this.position = this.bytes.writeFloatLE(value, this.position);
  }

  double(value: number): void {
    this.#reserve(8);
    this.position = this.bytes.writeDoubleLE(value, this.position);
  }

  string(value: string): void {
    // At most three bytes a UTF-16 unit; the length is written in front once it is known.
    const { length } = value;
    this.#reserve(length * 3 + 5);
    if (length < shortText && this.#ascii(value, length)) return;
    if (length < 43) {
      const written = this.bytes.write(value, this.position + 1, 'utf8');
      this.bytes[this.position] = written;
      this.position += written + 1;
      return;
    }
    this.uint32(Buffer.byteLength(value, 'utf8'));
    this.position += this.bytes.write(value, this.position, 'utf8');
  }

  /** Writes a short text of ASCII alone, for which a call into the runtime costs more than its characters. */
  #ascii(value: string, length: number): boolean {
    const { bytes } = this;
    let at = this.position;
    bytes[at++] = length;
    for (let index = 0; index < length; index++) {
      const code = value.charCodeAt(index);
      if (code > 127) return false;
      bytes[at++] = code;
    }
    this.position = at;
    return true;
  }

  data(value: Uint8Array): void {
    this.uint32(value.length);
    this.#reserve(value.length);
    this.bytes.set(value, this.position);
    this.position += value.length;
  }

  /** Opens a length-delimited part; give the result to {@link close}. */
  open(): number {
    this.#reserve(1);
    return ++this.position;
  }

  /** Closes the part that began at `start` by writing its length in front of it. */
  close(start: number): void {
    const length = this.position - start;
    if (length < 128) {
      this.bytes[start - 1] = length;
      return;
    }
    let extra = 0;
    for (let rest = length >>> 7; rest > 0; rest >>>= 7) extra++;
    this.#reserve(extra);
    this.bytes.copyWithin(start + extra, start, this.position);
    const end = this.position + extra;
    this.position = start - 1;
    this.uint32(length);
    this.position = end;
  }

  #varint64(low: number, high: number): void {
    this.#reserve(10);
    let lo = low;
    let hi = high;
    while (hi > 0) {
      this.bytes[this.position++] = (lo & 127) | 128;
      lo = ((hi << 25) | (lo >>> 7)) >>> 0;
      hi >>>= 7;
    }
    this.uint32(lo);
  }

  #reserve(length: number): void {
    const needed = this.position + length;
    if (needed <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(grown, 0, 0, this.position);
    this.bytes = grown;
  }
}
