// A stream of the mesh as one request to a service that speaks HTTP/1.1, and its answer; the counterpart of the exchange
// with a client. A stream that ends early ends the request, so that the service learns that nobody waits for it.

import { ErrorCode, type HeaderList, type Http2Stream, headerValue, type StreamHandler } from '#transport';
import { asksForUpgrade, isUpgradeField, TOOK_UPGRADE } from '../upgrade-fields.ts';
import { type RequestHead, requestHead } from './request-head.ts';
import type { Holder, ServiceConnection } from './service-connection.ts';

const NOTHING = Buffer.alloc(0);
/** A part up to this size is copied into one write with what stands around it. */
const SMALL = 4096;
/** Errors of a connection that was never made. */
const UNREACHED = new Set(['ECONNREFUSED', 'ENOENT', 'EAGAIN', 'ENOTSOCK']);

export class ServiceExchange implements StreamHandler, Holder {
  readonly #stream: Http2Stream;
  readonly #head: RequestHead;
  readonly #upgrade: boolean;
  /** Until the answer is whole. */
  #connection: ServiceConnection | undefined;
  /** The head has been written. */
  #begun = false;
  /** The service has taken the other protocol. */
  #switched = false;
  /** Octets of the body that came. */
  #octets = 0;
  /** Octets of it that the service has not taken yet. */
  #held = 0;

  /** @throws TypeError when the request cannot be written; no connection was taken for it. */
  constructor(stream: Http2Stream, headers: HeaderList, ended: boolean, take: () => ServiceConnection) {
    this.#stream = stream;
    this.#upgrade = asksForUpgrade(headers) && !ended;
    this.#head = requestHead(headers, ended, this.#upgrade);
    stream.handler = this;
    const connection = take();
    this.#connection = connection;
    connection.begin(this, headerValue(headers, ':method') ?? 'GET', this.#upgrade);
    if (this.#upgrade || ended) {
      this.#begin();
      connection.finish();
    }
    // A body that comes at once goes out with the head; one that comes later does not keep the head back.
    else setImmediate(() => this.#begin());
  }

  onHeaders(): void {}

  onData(stream: Http2Stream, bytes: Buffer, start: number, end: number, endStream: boolean): void {
    const whole = start === 0 && end === bytes.length;
    const room = this.#write(whole ? bytes : bytes.subarray(start, end), endStream);
    if (room && this.#held === 0) stream.consume(end - start);
    else this.#held += end - start;
  }

  /** Trailers of a request are left out: few services of HTTP/1.1 look for them, and none of ours does. */
  onTrailers(): void {
    this.#write(NOTHING, true);
  }

  onReset(): void {
    this.#connection?.destroy();
    this.#over();
  }

  onDrain(): void {
    this.#connection?.resume();
  }

  onStalled(): void {}

  onFailure(stream: Http2Stream): boolean {
    stream.reset(ErrorCode.INTERNAL_ERROR);
    this.onReset();
    return true;
  }

  onAnswer(status: number, fields: readonly string[], last: boolean): void {
    if (this.#connection === undefined) return;
    if (last) this.#over();
    this.#sendHead(String(status), fields, [], last);
  }

  onContinue(): void {
    if (this.#connection !== undefined) this.#stream.sendInformation([':status', '100']);
  }

  onSwitch(fields: readonly string[]): void {
    if (this.#connection === undefined) return;
    this.#switched = true;
    this.#sendHead('200', fields, TOOK_UPGRADE, false);
  }

  onBody(octets: Buffer, last: boolean): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    if (last) this.#over();
    if (!this.#stream.sendData(octets, last) && !last) connection.pause();
  }

  onRoom(): void {
    const octets = this.#held;
    this.#held = 0;
    if (octets > 0) this.#stream.consume(octets);
  }

  onBroken(error: NodeJS.ErrnoException): void {
    if (this.#connection === undefined) return;
    this.#over();
    // Never reached the service: may be tried again, whatever it is.
    this.#stream.reset(UNREACHED.has(error.code ?? '') ? ErrorCode.REFUSED_STREAM : ErrorCode.INTERNAL_ERROR);
  }

  /** The answer is whole, or there is none: the connection may be another request's, and nothing is held for it any more. */
  #over(): void {
    this.#connection = undefined;
    this.onRoom();
  }

  #sendHead(status: string, fields: readonly string[], more: readonly string[], last: boolean): void {
    const list = [':status', status];
    for (let i = 0; i < fields.length; i += 2) {
      const name = fields[i] ?? '';
      if (!isUpgradeField(name)) list.push(name, fields[i + 1] ?? '');
    }
    list.push(...more);
    this.#stream.sendHeaders(list, last);
  }

  #begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    this.#connection?.write(this.#head.text);
  }

  /** @returns false when the service does not take it as fast. */
  #write(octets: Buffer, last: boolean): boolean {
    const connection = this.#connection;
    // What comes after the answer is dropped.
    if (connection === undefined) return true;
    if (this.#upgrade) return this.#speak(connection, octets, last);
    const { text, length } = this.#head;
    this.#octets += octets.length;
    if (length !== undefined && (this.#octets > length || (last && this.#octets < length))) {
      // The service would wait for more, or take the rest for another request.
      this.#stream.reset(ErrorCode.PROTOCOL_ERROR);
      this.onReset();
      return true;
    }
    const chunked = length === undefined;
    const head = this.#begun ? '' : text;
    this.#begun = true;
    const size = chunked && octets.length > 0 ? `${octets.length.toString(16)}\r\n` : '';
    const after = chunked ? (octets.length > 0 ? '\r\n' : '') + (last ? '0\r\n\r\n' : '') : '';
    const room = written(connection, head + size, octets, after);
    if (last) connection.finish();
    return room;
  }

  /** A client may speak only when its WebSocket stands. */
  #speak(connection: ServiceConnection, octets: Buffer, last: boolean): boolean {
    const room = !this.#switched || octets.length === 0 || connection.write(octets);
    if (last) connection.end();
    return room;
  }
}

function written(connection: ServiceConnection, before: string, octets: Buffer, after: string): boolean {
  if (octets.length > SMALL) return connection.writeAll(before, octets, after);
  const size = before.length + octets.length + after.length;
  if (size === 0) return true;
  const all = Buffer.allocUnsafe(size);
  all.write(before, 0, 'latin1');
  all.set(octets, before.length);
  all.write(after, before.length + octets.length, 'latin1');
  return connection.write(all);
}
