// The sending half of a connection: header blocks, data under flow control, fair turns between streams.
// What fits goes straight into the output; what does not waits on its stream, never in the socket without bound.
import { HpackEncoder } from '../hpack/encoder.ts';
import type { HeaderTemplate } from '../hpack/header-template.ts';
import { DEFAULT_MAX_FRAME_SIZE, DEFAULT_WINDOW } from '../wire/frame.ts';
import type { FrameOutput } from '../wire/frame-output.ts';
import { sweeper } from './clock/sweeper.ts';
import type { Http2Connection } from './connection.ts';
import type { Http2Stream } from './stream.ts';

const ENCODER_TABLE = 4_096;
const EMPTY = Buffer.alloc(0);

export class Sender {
  /** The connection's window, as the peer has granted it. */
  window = DEFAULT_WINDOW;
  /** SETTINGS_INITIAL_WINDOW_SIZE of the peer. */
  initialWindow = DEFAULT_WINDOW;
  /** SETTINGS_MAX_FRAME_SIZE of the peer. */
  maximumFrameSize = DEFAULT_MAX_FRAME_SIZE;
  readonly encoder = new HpackEncoder(ENCODER_TABLE);
  readonly #connection: Http2Connection;
  readonly #output: FrameOutput;
  #waiting: Http2Stream[] = [];
  #pumping = false;

  constructor(connection: Http2Connection, output: FrameOutput) {
    this.#connection = connection;
    this.#output = output;
  }

  headers(
    stream: Http2Stream,
    template: HeaderTemplate | undefined,
    fields: readonly string[] | undefined,
    endStream: boolean,
    never: readonly string[] | undefined,
  ): void {
    if (stream.closed || stream.localClosed || stream.endQueued) return;
    if (stream.queue !== undefined) {
      // Only trailers can come after data.
      stream.trailers = { template, fields, never };
      stream.endQueued = true;
      return;
    }
    if (stream.id === 0 && !this.#connection.admit(stream)) return;
    const { encoder } = this;
    encoder.begin();
    if (template !== undefined) encoder.template(template);
    if (fields !== undefined) encoder.list(fields, never);
    this.#output.headers(stream.id, endStream, encoder.buffer, encoder.length, this.maximumFrameSize);
    stream.headersSent = true;
    this.#connection.scheduleFlush();
    if (endStream) this.#connection.closeLocal(stream);
  }

  information(stream: Http2Stream, fields: readonly string[]): void {
    if (stream.closed || stream.localClosed) return;
    this.encoder.begin();
    this.encoder.list(fields);
    this.#output.headers(stream.id, false, this.encoder.buffer, this.encoder.length, this.maximumFrameSize);
    this.#connection.scheduleFlush();
  }

  /** See `Http2Stream.sendData`; `prefix` is a message prefix's flag or -1. */
  data(stream: Http2Stream, prefix: number, bytes: Uint8Array, endStream: boolean): boolean {
    if (stream.closed || stream.localClosed || stream.endQueued) return true;
    const size = bytes.length + (prefix < 0 ? 0 : 5);
    if (
      stream.queue === undefined &&
      size <= this.maximumFrameSize &&
      size <= stream.sendWindow &&
      size <= this.window &&
      !this.#connection.congested
    ) {
      if (size === 0 && !endStream) return true;
      this.#output.data(stream.id, endStream, prefix, bytes, 0, bytes.length);
      stream.sendWindow -= size;
      this.window -= size;
      this.#connection.guard.sentData();
      this.#connection.scheduleFlush();
      if (endStream) this.#connection.closeLocal(stream);
      return true;
    }
    if (stream.queue === undefined) {
      stream.queue = [];
      stream.sentAt = sweeper.now;
    }
    stream.queue.push({ bytes, offset: 0, prefix });
    stream.queuedBytes += size;
    if (endStream) stream.endQueued = true;
    this.list(stream);
    this.pump();
    if (stream.queuedBytes <= this.#connection.limits.sendBuffer) return true;
    stream.needDrain = true;
    return false;
  }

  windowUpdate(streamId: number, increment: number): void {
    this.#output.windowUpdate(streamId, increment);
    this.#connection.scheduleFlush();
  }

  /** Puts a stream with queued data among those that get turns. */
  list(stream: Http2Stream): void {
    if (stream.listed || stream.queue === undefined) return;
    stream.listed = true;
    this.#waiting.push(stream);
  }

  /** Sends what the windows allow, one frame a stream a turn. */
  pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#waiting.length > 0 && !this.#connection.congested) {
        const turn = this.#waiting;
        this.#waiting = [];
        let moved = false;
        for (const stream of turn) {
          stream.listed = false;
          if (stream.closed) continue;
          if (!this.#connection.congested && this.#sendOne(stream)) moved = true;
          // A stream without a window of its own comes back when its WINDOW_UPDATE does.
          if (stream.queue !== undefined && (stream.sendWindow > 0 || stream.queuedBytes === 0)) this.list(stream);
        }
        if (!moved) break;
      }
    } finally {
      this.#pumping = false;
    }
  }

  /** One DATA frame of the stream's queue, and its end when that was the last. False when no credit is left. */
  #sendOne(stream: Http2Stream): boolean {
    const { queue } = stream;
    const head = queue?.[0];
    if (queue === undefined || head === undefined) return false;
    const prefixSize = head.prefix < 0 ? 0 : 5;
    const left = head.bytes.length - head.offset + prefixSize;
    const size = Math.min(left, this.maximumFrameSize, stream.sendWindow, this.window);
    if (size <= 0 && left > 0) return false;
    if (size < prefixSize) {
      // Less credit than a prefix: make it ordinary octets once, so that it can be cut.
      const whole = Buffer.allocUnsafe(head.bytes.length + 5);
      whole[0] = head.prefix;
      whole.writeUInt32BE(head.bytes.length, 1);
      whole.set(head.bytes, 5);
      head.bytes = whole;
      head.prefix = -1;
      return this.#sendOne(stream);
    }
    const last = size === left && queue.length === 1;
    const endStream = last && stream.endQueued && stream.trailers === undefined;
    if (size > 0 || endStream) this.#write(stream, head.prefix, head.bytes, head.offset, size, left, endStream);
    head.offset += size - prefixSize;
    head.prefix = -1;
    if (size === left) queue.shift();
    if (last) {
      stream.queue = undefined;
      this.#finish(stream, endStream);
    }
    if (stream.needDrain && stream.queuedBytes * 2 <= this.#connection.limits.sendBuffer && !stream.endQueued) {
      stream.needDrain = false;
      this.#connection.guarded(stream, () => stream.handler.onDrain(stream));
    }
    return true;
  }

  #write(
    stream: Http2Stream,
    prefix: number,
    bytes: Uint8Array,
    offset: number,
    size: number,
    left: number,
    endStream: boolean,
  ): void {
    const payload = size - (prefix < 0 ? 0 : 5);
    if (prefix >= 0 && size < left) {
      // The prefix announces the whole message, of which this frame carries the first part.
      const part = Buffer.allocUnsafe(size);
      part[0] = prefix;
      part.writeUInt32BE(bytes.length, 1);
      part.set(bytes.subarray(offset, offset + payload), 5);
      this.#output.data(stream.id, endStream, -1, part, 0, size);
    } else {
      this.#output.data(stream.id, endStream, prefix, bytes, offset, offset + payload);
    }
    stream.sendWindow -= size;
    this.window -= size;
    stream.queuedBytes -= size;
    this.#connection.guard.sentData();
    stream.sentAt = sweeper.now;
    this.#connection.scheduleFlush();
  }

  #finish(stream: Http2Stream, ended: boolean): void {
    if (ended) {
      this.#connection.closeLocal(stream);
      return;
    }
    const { trailers } = stream;
    if (trailers === undefined) return;
    stream.trailers = undefined;
    stream.endQueued = false;
    this.headers(stream, trailers.template, trailers.fields, true, trailers.never);
  }

  /** Octets for a PING, an ACK, a reset: they bypass the streams' queues. */
  get output(): FrameOutput {
    return this.#output;
  }

  /** Sends END_STREAM by itself. */
  end(stream: Http2Stream): void {
    this.data(stream, -1, EMPTY, true);
  }
}
