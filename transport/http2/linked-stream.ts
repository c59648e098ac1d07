// A stream between the two ends of one connection that lie in the same process: what one end sends is handed to the
// other's handler as it is, without frames, field compression or a socket. See `Http2Connection.link`.
import type { HeaderList } from '../hpack/decoder.ts';
import type { HeaderTemplate } from '../hpack/header-template.ts';
import { ErrorCode } from '../wire/frame.ts';
import type { Http2Connection } from './connection.ts';
import { Http2Stream, NOBODY, type StreamHandler } from './stream.ts';

/** Octets of a list as RFC 9113 section 6.5.2 counts them. */
function listSize(headers: readonly string[]): number {
  let size = headers.length * 16;
  for (let i = 0; i < headers.length; i++) size += (headers[i] as string).length;
  return size;
}

export class LinkedStream extends Http2Stream {
  #other: LinkedStream | undefined = undefined;
  /** Octets for which the reader has not given the credit back: there is no window, but the sender is told to wait. */
  #owed = 0;
  /** How deep this end is in the other's handler: what comes back meanwhile waits for the next tick, as on a wire. */
  #calling = 0;
  #waiting: (() => void)[] | undefined = undefined;

  constructor(connection: Http2Connection, id: number, handler: StreamHandler) {
    super(connection, id, handler, 0, 0);
  }

  override sendHeaders(headers: readonly string[], endStream: boolean, never?: readonly string[]): void {
    if (this.closed || this.localClosed) return;
    const other = this.#other;
    if (this.id === 0) {
      if (this.connection.admit(this)) this.#begin(headers, endStream, never);
      return;
    }
    this.headersSent = true;
    if (other === undefined) return;
    this.localClosed = endStream;
    if (this.#held(other)) this.#later(() => this.#giveHeaders(other, headers, endStream, never));
    else this.#giveHeaders(other, headers, endStream, never);
    if (endStream) this.connection.closeLocal(this);
  }

  override sendTemplate(template: HeaderTemplate, fields: readonly string[] | undefined, endStream: boolean): void {
    this.sendHeaders(fields === undefined ? template.fields : [...template.fields, ...fields], endStream);
  }

  override sendInformation(headers: readonly string[]): void {
    const other = this.#other;
    if (this.headersSent || this.closed || other === undefined) return;
    this.#later(() => {
      if (!other.closed) other.connection.guarded(other, () => other.handler.onInformation?.(other, headers));
    });
  }

  override sendMessage(bytes: Uint8Array, compressed: boolean, endStream: boolean): boolean {
    const whole = Buffer.allocUnsafe(bytes.length + 5);
    whole[0] = compressed ? 1 : 0;
    whole.writeUInt32BE(bytes.length, 1);
    whole.set(bytes, 5);
    return this.sendData(whole, endStream);
  }

  override sendData(bytes: Uint8Array, endStream: boolean): boolean {
    const other = this.#other;
    if (this.closed || this.localClosed || other === undefined) return true;
    const data = bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.localClosed = endStream;
    this.connection.counters.bytesSent += data.length;
    other.connection.counters.bytesReceived += data.length;
    other.#owed += data.length;
    other.buffered += data.length;
    other.connection.buffered += data.length;
    if (this.#held(other)) this.#later(() => this.#giveData(other, data, endStream));
    else this.#giveData(other, data, endStream);
    if (endStream) this.connection.closeLocal(this);
    if (other.closed || other.#owed <= other.connection.limits.streamWindow) return true;
    this.needDrain = true;
    return false;
  }

  override reset(code: number): void {
    if (this.closed) return;
    const other = this.#other;
    this.connection.unlink(this);
    if (other === undefined) return;
    const lost = (): void =>
      other.connection.streamLost(other, code, code === ErrorCode.REFUSED_STREAM ? 'refused' : 'peer');
    if (this.#held(other)) this.#later(lost);
    else lost();
  }

  override grant(octets: number): void {
    this.#owed -= octets;
    const other = this.#other;
    if (other === undefined || !other.needDrain || other.closed) return;
    if (this.#owed * 2 > this.connection.limits.streamWindow) return;
    other.needDrain = false;
    other.connection.guarded(other, () => other.handler.onDrain(other));
  }

  /** The request reaches the other end, which gets a stream of its own with the same id. */
  #begin(headers: HeaderList, endStream: boolean, never: readonly string[] | undefined): void {
    this.headersSent = true;
    this.localClosed = endStream;
    const { linked } = this.connection;
    if (linked === undefined || linked.closed || linked.receiver.refusing) {
      // Its GOAWAY is on its way to us.
      this.#later(() => this.connection.streamLost(this, ErrorCode.REFUSED_STREAM, 'refused'));
      return;
    }
    const other = new LinkedStream(linked, this.id, NOBODY);
    this.#other = other;
    other.#other = this;
    other.headersReceived = true;
    other.remoteClosed = endStream;
    other.neverIndexed = never;
    other.listTooLarge = listSize(headers) > linked.limits.maxHeaderListSize;
    linked.receiver.lastPeerStream = this.id;
    linked.add(other);
    this.#calling++;
    try {
      linked.listener.onRequest(other, headers, endStream);
    } catch (error) {
      linked.handlerFailed(other, error);
    } finally {
      this.#calling--;
    }
  }

  #giveHeaders(
    other: LinkedStream,
    headers: HeaderList,
    endStream: boolean,
    never: readonly string[] | undefined,
  ): void {
    if (other.closed) return;
    other.neverIndexed = never;
    other.remoteClosed = endStream;
    this.#calling++;
    try {
      if (other.headersReceived) other.handler.onTrailers(other, headers);
      else {
        other.headersReceived = true;
        other.handler.onHeaders(other, headers, endStream);
      }
    } catch (error) {
      other.connection.handlerFailed(other, error);
    } finally {
      this.#calling--;
    }
    if (endStream && other.localClosed) other.connection.finish(other);
  }

  #giveData(other: LinkedStream, bytes: Buffer, endStream: boolean): void {
    if (other.closed) return;
    other.remoteClosed = endStream;
    this.#calling++;
    try {
      other.handler.onData(other, bytes, 0, bytes.length, endStream);
    } catch (error) {
      other.connection.handlerFailed(other, error);
    } finally {
      this.#calling--;
    }
    if (endStream && other.localClosed) other.connection.finish(other);
  }

  /** The other end is inside our handler, or something waits already: order has to be kept. */
  #held(other: LinkedStream): boolean {
    return other.#calling > 0 || this.#waiting !== undefined;
  }

  #later(give: () => void): void {
    if (this.#waiting !== undefined) {
      this.#waiting.push(give);
      return;
    }
    const waiting = [give];
    this.#waiting = waiting;
    process.nextTick(() => {
      // What is sent while these are given joins them.
      for (let i = 0; i < waiting.length; i++) waiting[i]?.();
      this.#waiting = undefined;
    });
  }
}
