// Collects a header block that is spread over HEADERS and CONTINUATION frames.
// Both its octets and its frames are bounded (CVE-2024-27316): beyond that only closing the connection helps.
import { ConnectionError, ErrorCode, FLAG_END_HEADERS } from '../../wire/frame.ts';
import type { Counters } from '../guard/counters.ts';
import type { ConnectionLimits } from '../guard/limits.ts';

export class HeaderBlock {
  /** A block has begun and its END_HEADERS is still to come. */
  open = false;
  streamId = 0;
  endStream = false;
  selfDependent = false;
  readonly #limits: ConnectionLimits;
  readonly #counters: Counters;
  #parts: Buffer[] = [];
  #size = 0;

  constructor(limits: ConnectionLimits, counters: Counters) {
    this.#limits = limits;
    this.#counters = counters;
  }

  begin(id: number, endStream: boolean, selfDependent: boolean, bytes: Buffer, start: number, end: number): void {
    this.open = true;
    this.streamId = id;
    this.endStream = endStream;
    this.selfDependent = selfDependent;
    this.#parts = [];
    this.#size = 0;
    this.#append(bytes, start, end);
  }

  continue(flags: number, bytes: Buffer, start: number, end: number): void {
    if (!this.open) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'CONTINUATION continues nothing');
    this.#append(bytes, start, end);
    if ((flags & FLAG_END_HEADERS) !== 0) this.open = false;
  }

  /** The whole block. */
  take(): Buffer {
    const block = Buffer.concat(this.#parts, this.#size);
    this.#parts = [];
    return block;
  }

  #append(bytes: Buffer, start: number, end: number): void {
    this.#parts.push(bytes.subarray(start, end));
    this.#size += end - start;
    if (this.#size > this.#limits.maxHeaderBlockSize || this.#parts.length > this.#limits.maxContinuations + 1) {
      this.#counters.headerBlocksTooLarge++;
      throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, 'a header block exceeds the limit');
    }
  }
}
