// Cuts DATA into gRPC messages: one flag octet, four of length, the message (PROTOCOL-HTTP2.md).
// The length is checked before anything is allocated, and memory grows with what has arrived, not with what is announced.

export interface MessageSink {
  /** One whole message; `bytes` may be kept. `compressed` is the prefix's flag. */
  onWhole(bytes: Buffer, compressed: boolean): void;
}

/** Why a message cannot be read; the caller picks the status. */
export class MessageError extends Error {
  override readonly name = 'MessageError';
  readonly reason: 'too-large' | 'flag';

  constructor(reason: 'too-large' | 'flag', message: string) {
    super(message);
    this.reason = reason;
  }
}

export const MESSAGE_PREFIX = 5;
const FIRST_ALLOCATION = 270_336;
const EMPTY = Buffer.alloc(0);

export class MessageReader {
  readonly #maximum: number;
  readonly #prefix = Buffer.alloc(MESSAGE_PREFIX);
  #prefixFilled = 0;
  #body: Buffer = EMPTY;
  #bodyFilled = 0;
  #bodyLength = 0;

  /** @param maximum octets that a message may have. */
  constructor(maximum: number) {
    this.#maximum = maximum;
  }

  /** A message has begun and is not whole: an end of stream here is data loss. */
  get partial(): boolean {
    return this.#prefixFilled > 0;
  }

  /** Octets held for the unfinished message. */
  get held(): number {
    return this.#prefixFilled + this.#bodyFilled;
  }

  /** Takes `chunk[start, end)`; calls `sink` for every message that is whole. Throws `MessageError`. */
  push(chunk: Buffer, start: number, end: number, sink: MessageSink): void {
    let position = start;
    while (position < end) {
      if (this.#prefixFilled === 0 && end - position >= MESSAGE_PREFIX) {
        const length = checkPrefix(chunk, position, this.#maximum);
        const stop = position + MESSAGE_PREFIX + length;
        if (stop <= end) {
          sink.onWhole(chunk.subarray(position + MESSAGE_PREFIX, stop), chunk[position] === 1);
          position = stop;
          continue;
        }
      }
      position = this.#collect(chunk, position, end, sink);
    }
  }

  #collect(chunk: Buffer, start: number, end: number, sink: MessageSink): number {
    let position = start;
    while (this.#prefixFilled < MESSAGE_PREFIX && position < end) {
      this.#prefix[this.#prefixFilled++] = chunk[position++] as number;
      if (this.#prefixFilled === MESSAGE_PREFIX) {
        this.#bodyLength = checkPrefix(this.#prefix, 0, this.#maximum);
        this.#bodyFilled = 0;
        this.#body =
          this.#bodyLength === 0 ? EMPTY : Buffer.allocUnsafeSlow(Math.min(this.#bodyLength, FIRST_ALLOCATION));
      }
    }
    if (this.#prefixFilled < MESSAGE_PREFIX) return position;
    const take = Math.min(end - position, this.#bodyLength - this.#bodyFilled);
    if (this.#bodyFilled + take > this.#body.length) this.#grow(this.#bodyFilled + take);
    chunk.copy(this.#body, this.#bodyFilled, position, position + take);
    this.#bodyFilled += take;
    position += take;
    if (this.#bodyFilled === this.#bodyLength) {
      const whole = this.#body;
      this.#body = EMPTY;
      this.#prefixFilled = 0;
      this.#bodyFilled = 0;
      sink.onWhole(whole, this.#prefix[0] === 1);
    }
    return position;
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.min(this.#bodyLength, Math.max(needed, this.#body.length * 2)));
    this.#body.copy(larger, 0, 0, this.#bodyFilled);
    this.#body = larger;
  }
}

/** Length announced by the prefix at `position`, checked against flag and bound. */
export function checkPrefix(bytes: Uint8Array, position: number, maximum: number): number {
  const flag = bytes[position] as number;
  if (flag > 1) throw new MessageError('flag', `a message prefix has the unknown flag ${flag}`);
  const length =
    (bytes[position + 1] as number) * 0x1000000 +
    (((bytes[position + 2] as number) << 16) |
      ((bytes[position + 3] as number) << 8) |
      (bytes[position + 4] as number));
  if (length > maximum) {
    throw new MessageError('too-large', `a message of ${length} octets exceeds the limit of ${maximum}`);
  }
  return length;
}
