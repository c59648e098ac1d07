// Cuts a byte stream into whole frames without copying those that arrive in one piece.
// The length is checked when the frame's header is there, so an over-long frame is refused before it is held.
import { ConnectionError, DEFAULT_MAX_FRAME_SIZE, ErrorCode, FRAME_HEADER_LENGTH } from './frame.ts';

export interface FrameSink {
  /** One whole frame; its payload is `bytes[start, end)` and may be kept, never written to. */
  onFrame(type: number, flags: number, streamId: number, bytes: Buffer, start: number, end: number): void;
}

const EMPTY = Buffer.alloc(0);

export class FrameReader {
  /** Our SETTINGS_MAX_FRAME_SIZE, in octets. */
  maximumFrameSize = DEFAULT_MAX_FRAME_SIZE;
  readonly #sink: FrameSink;
  #stopped = false;
  // A frame that lies across chunks: first its header alone, then a buffer of its exact size.
  #partial: Buffer = EMPTY;
  #filled = 0;
  readonly #header = Buffer.alloc(FRAME_HEADER_LENGTH);

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** Octets of an unfinished frame that are held. */
  get held(): number {
    return this.#filled;
  }

  /** Drops what is held and ignores what follows. */
  stop(): void {
    this.#stopped = true;
    this.#partial = EMPTY;
    this.#filled = 0;
  }

  /** Takes one chunk from `offset` on. Throws `ConnectionError` for a frame over the limit. */
  push(chunk: Buffer, offset = 0): void {
    let position = this.#filled > 0 ? this.#resume(chunk, offset) : offset;
    const { length } = chunk;
    while (!this.#stopped && position < length) {
      if (length - position < FRAME_HEADER_LENGTH) {
        this.#partial = this.#header;
        this.#filled = chunk.copy(this.#header, 0, position, length);
        return;
      }
      const size = this.#payloadSize(chunk, position);
      const end = position + FRAME_HEADER_LENGTH + size;
      if (end > length) {
        this.#partial = Buffer.allocUnsafeSlow(FRAME_HEADER_LENGTH + size);
        this.#filled = chunk.copy(this.#partial, 0, position, length);
        return;
      }
      this.#deliver(chunk, position, end);
      position = end;
    }
  }

  /** Completes the held frame as far as `chunk` goes; returns the position after what was taken. */
  #resume(chunk: Buffer, offset: number): number {
    let position = offset;
    if (this.#filled < FRAME_HEADER_LENGTH) {
      const taken = chunk.copy(this.#partial, this.#filled, position, position + FRAME_HEADER_LENGTH - this.#filled);
      this.#filled += taken;
      position += taken;
      if (this.#filled < FRAME_HEADER_LENGTH) return position;
      const whole = Buffer.allocUnsafeSlow(FRAME_HEADER_LENGTH + this.#payloadSize(this.#partial, 0));
      this.#partial.copy(whole, 0, 0, FRAME_HEADER_LENGTH);
      this.#partial = whole;
    }
    const taken = chunk.copy(this.#partial, this.#filled, position, position + this.#partial.length - this.#filled);
    this.#filled += taken;
    position += taken;
    if (this.#filled === this.#partial.length) {
      const whole = this.#partial;
      this.#partial = EMPTY;
      this.#filled = 0;
      this.#deliver(whole, 0, whole.length);
    }
    return position;
  }

  #payloadSize(bytes: Buffer, position: number): number {
    const size =
      ((bytes[position] as number) << 16) | ((bytes[position + 1] as number) << 8) | (bytes[position + 2] as number);
    if (size > this.maximumFrameSize) {
      throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, `a frame of ${size} octets exceeds the setting`);
    }
    return size;
  }

  #deliver(bytes: Buffer, position: number, end: number): void {
    const id =
      (((bytes[position + 5] as number) & 0x7f) << 24) |
      ((bytes[position + 6] as number) << 16) |
      ((bytes[position + 7] as number) << 8) |
      (bytes[position + 8] as number);
    const start = position + FRAME_HEADER_LENGTH;
    this.#sink.onFrame(bytes[position + 3] as number, bytes[position + 4] as number, id, bytes, start, end);
  }
}
