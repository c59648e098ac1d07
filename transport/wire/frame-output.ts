// Frames are written straight into one growing buffer a connection, which leaves as one write a tick.
// The buffer is reused as soon as the socket says that it has taken everything.
import {
  CONTINUATION,
  FLAG_ACK,
  FLAG_END_HEADERS,
  FLAG_END_STREAM,
  FRAME_HEADER_LENGTH,
  GOAWAY,
  HEADERS,
  PING,
  RST_STREAM,
  SETTINGS,
  WINDOW_UPDATE,
} from './frame.ts';

const FIRST_SLAB = 4_096;
const LARGEST_SLAB = 131_072;
/** Payloads from this size on are handed to the socket as they are; smaller ones are cheaper to copy. */
const PASSED_ON = 4_096;
const EMPTY = Buffer.alloc(0);

export class FrameOutput {
  /** Octets written here and not yet taken. */
  pending = 0;
  #slab: Buffer = EMPTY;
  #start = 0;
  #end = 0;
  #nextSlab = FIRST_SLAB;
  #full: Uint8Array[] = [];

  /** What is pending, in order; the buffers stay untouched until `reuse`. */
  take(into: Uint8Array[]): void {
    for (const part of this.#full) into.push(part);
    this.#full = [];
    if (this.#end > this.#start) into.push(this.#slab.subarray(this.#start, this.#end));
    this.#start = this.#end;
    this.pending = 0;
  }

  /** Called when every octet taken so far has left: the slab is free again. */
  reuse(): void {
    if (this.pending > 0) return;
    this.#start = 0;
    this.#end = 0;
  }

  /** Gives the memory back while a connection is idle. */
  shrink(): void {
    if (this.pending > 0 || this.#start !== 0) return;
    this.#slab = EMPTY;
    this.#nextSlab = FIRST_SLAB;
  }

  /** A DATA frame with `bytes[from, to)`, which must not change until sent: `prefix` is the gRPC message prefix's flag, or -1 for none. */
  data(streamId: number, endStream: boolean, prefix: number, bytes: Uint8Array, from: number, to: number): void {
    const length = to - from + (prefix < 0 ? 0 : 5);
    const passes = to - from >= PASSED_ON;
    this.#header(length, 0, endStream ? FLAG_END_STREAM : 0, streamId, passes ? 5 : length);
    if (prefix >= 0) {
      this.#slab[this.#end++] = prefix;
      this.#uint32(to - from);
    }
    if (passes) {
      this.#full.push(this.#slab.subarray(this.#start, this.#end));
      this.#full.push(bytes.subarray(from, to));
      this.#start = this.#end;
      this.pending += length - 5;
      return;
    }
    if (from === 0 && to === bytes.length) this.#slab.set(bytes, this.#end);
    else this.#slab.set(bytes.subarray(from, to), this.#end);
    this.#end += to - from;
  }

  /** HEADERS, and CONTINUATION where the block is longer than a frame. */
  headers(streamId: number, endStream: boolean, block: Buffer, length: number, maximumFrameSize: number): void {
    const first = Math.min(length, maximumFrameSize);
    const flags = (endStream ? FLAG_END_STREAM : 0) | (first === length ? FLAG_END_HEADERS : 0);
    this.#header(first, HEADERS, flags, streamId, first);
    if (first < 32) {
      for (let i = 0; i < first; i++) this.#slab[this.#end + i] = block[i] as number;
    } else {
      block.copy(this.#slab, this.#end, 0, first);
    }
    this.#end += first;
    for (let position = first; position < length; ) {
      const size = Math.min(length - position, maximumFrameSize);
      this.#header(size, CONTINUATION, position + size === length ? FLAG_END_HEADERS : 0, streamId, size);
      block.copy(this.#slab, this.#end, position, position + size);
      this.#end += size;
      position += size;
    }
  }

  settings(pairs: readonly (readonly [number, number])[]): void {
    this.#header(pairs.length * 6, SETTINGS, 0, 0, pairs.length * 6);
    for (const [setting, value] of pairs) {
      this.#slab[this.#end++] = setting >>> 8;
      this.#slab[this.#end++] = setting;
      this.#uint32(value);
    }
  }

  settingsAck(): void {
    this.#header(0, SETTINGS, FLAG_ACK, 0, 0);
  }

  ping(ack: boolean, opaque: Uint8Array): void {
    this.#header(8, PING, ack ? FLAG_ACK : 0, 0, 8);
    this.#slab.set(opaque, this.#end);
    this.#end += 8;
  }

  windowUpdate(streamId: number, increment: number): void {
    this.#header(4, WINDOW_UPDATE, 0, streamId, 4);
    this.#uint32(increment);
  }

  reset(streamId: number, code: number): void {
    this.#header(4, RST_STREAM, 0, streamId, 4);
    this.#uint32(code);
  }

  goaway(lastStreamId: number, code: number, debug: string): void {
    const text = Buffer.from(debug, 'utf8').subarray(0, 1024);
    this.#header(8 + text.length, GOAWAY, 0, 0, 8 + text.length);
    this.#uint32(lastStreamId);
    this.#uint32(code);
    this.#slab.set(text, this.#end);
    this.#end += text.length;
  }

  /** Octets as they are: the client's preface. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#slab.set(bytes, this.#end);
    this.#end += bytes.length;
    this.pending += bytes.length;
  }

  #header(length: number, type: number, flags: number, streamId: number, payload: number): void {
    this.#reserve(FRAME_HEADER_LENGTH + payload);
    this.pending += FRAME_HEADER_LENGTH + payload;
    const slab = this.#slab;
    let end = this.#end;
    slab[end++] = length >>> 16;
    slab[end++] = length >>> 8;
    slab[end++] = length;
    slab[end++] = type;
    slab[end++] = flags;
    slab[end++] = streamId >>> 24;
    slab[end++] = streamId >>> 16;
    slab[end++] = streamId >>> 8;
    slab[end++] = streamId;
    this.#end = end;
  }

  #uint32(value: number): void {
    this.#slab[this.#end++] = value >>> 24;
    this.#slab[this.#end++] = value >>> 16;
    this.#slab[this.#end++] = value >>> 8;
    this.#slab[this.#end++] = value;
  }

  #reserve(octets: number): void {
    if (this.#end + octets <= this.#slab.length) return;
    if (this.#end > this.#start) this.#full.push(this.#slab.subarray(this.#start, this.#end));
    this.#slab = Buffer.allocUnsafeSlow(Math.max(this.#nextSlab, octets));
    this.#nextSlab = Math.min(this.#nextSlab * 2, LARGEST_SLAB);
    this.#start = 0;
    this.#end = 0;
  }
}
