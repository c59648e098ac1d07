// A whole header block finds its stream here: a new request, a response, or trailers.
// The block is decoded first in every case, then judged.
import type { HeaderList, HpackDecoder } from '../../hpack/decoder.ts';
import { ConnectionError, ErrorCode } from '../../wire/frame.ts';
import { sweeper } from '../clock/sweeper.ts';
import type { Http2Connection } from '../connection.ts';
import { Http2Stream, NOBODY } from '../stream.ts';
import { declaredLength, isRequest, isTrailers, responseStatus } from './header-rules.ts';

export class HeaderReceiver {
  readonly #connection: Http2Connection;
  readonly #decoder: HpackDecoder;

  constructor(connection: Http2Connection, decoder: HpackDecoder) {
    this.#connection = connection;
    this.#decoder = decoder;
  }

  receive(id: number, ends: boolean, selfDependent: boolean, block: Buffer, start: number, end: number): void {
    const connection = this.#connection;
    const headers = this.#decoder.decode(block, start, end);
    if (this.#decoder.tooLarge) connection.counters.headerListsTooLarge++;
    const stream = connection.streams.get(id);
    if (stream !== undefined) {
      stream.neverIndexed = this.#decoder.neverIndexed;
      if (selfDependent) connection.streamError(stream, ErrorCode.PROTOCOL_ERROR);
      else if (stream.remoteClosed) connection.streamError(stream, ErrorCode.STREAM_CLOSED);
      else if (stream.headersReceived) this.#trailers(stream, headers, ends);
      else this.#response(stream, headers, ends);
    } else if (connection.role === 'server' && (id & 1) === 1 && id > connection.receiver.lastPeerStream) {
      this.#request(id, headers, ends, selfDependent);
    } else {
      this.#late(id);
    }
  }

  #request(id: number, headers: HeaderList, ends: boolean, selfDependent: boolean): void {
    const connection = this.#connection;
    const { receiver, limits, counters } = connection;
    if (receiver.refusing) return;
    receiver.lastPeerStream = id;
    if (connection.streams.size >= limits.maxConcurrentStreams) {
      counters.refusedStreams++;
      // Before our SETTINGS have arrived the peer cannot know better: the burst is for that.
      connection.guard.reset(performance.now());
      this.#refuse(id, ErrorCode.REFUSED_STREAM);
      return;
    }
    const decoder = this.#decoder;
    const legal = !decoder.malformed && !selfDependent && (decoder.tooLarge || isRequest(headers));
    if (!legal || (ends && declaredLength > 0)) {
      connection.guard.reset(performance.now());
      this.#refuse(id, ErrorCode.PROTOCOL_ERROR);
      return;
    }
    const stream = new Http2Stream(connection, id, NOBODY, connection.sender.initialWindow, limits.streamWindow);
    stream.headersReceived = true;
    stream.listTooLarge = decoder.tooLarge;
    stream.neverIndexed = decoder.neverIndexed;
    stream.expectedLength = decoder.tooLarge ? -1 : declaredLength;
    stream.remoteClosed = ends;
    connection.guard.progress();
    connection.add(stream);
    try {
      connection.listener.onRequest(stream, headers, ends);
    } catch (error) {
      connection.handlerFailed(stream, error);
    }
  }

  #response(stream: Http2Stream, headers: HeaderList, ends: boolean): void {
    const connection = this.#connection;
    const decoder = this.#decoder;
    const status = decoder.malformed ? -1 : responseStatus(headers);
    const informational = status >= 100 && status < 200;
    if ((status < 0 && !decoder.tooLarge) || (informational && ends) || status === 101) {
      connection.streamError(stream, ErrorCode.PROTOCOL_ERROR);
      return;
    }
    stream.touchedAt = sweeper.now;
    if (informational) {
      connection.guard.control(sweeper.now);
      connection.guarded(stream, () => stream.handler.onInformation?.(stream, headers));
      return;
    }
    connection.guard.progress();
    stream.headersReceived = true;
    stream.listTooLarge = decoder.tooLarge;
    stream.expectedLength = decoder.tooLarge || ends ? -1 : declaredLength;
    if (ends) stream.remoteClosed = true;
    try {
      stream.handler.onHeaders(stream, headers, ends);
    } catch (error) {
      connection.handlerFailed(stream, error);
    }
    if (ends && stream.localClosed) connection.finish(stream);
  }

  #trailers(stream: Http2Stream, headers: HeaderList, ends: boolean): void {
    const connection = this.#connection;
    const short = stream.expectedLength >= 0 && stream.receivedLength !== stream.expectedLength;
    if (!ends || this.#decoder.malformed || !isTrailers(headers) || short) {
      connection.streamError(stream, ErrorCode.PROTOCOL_ERROR);
      return;
    }
    connection.guard.progress();
    stream.remoteClosed = true;
    stream.touchedAt = sweeper.now;
    if (this.#decoder.tooLarge) stream.listTooLarge = true;
    try {
      stream.handler.onTrailers(stream, headers);
    } catch (error) {
      connection.handlerFailed(stream, error);
    }
    if (stream.localClosed) connection.finish(stream);
  }

  #late(id: number): void {
    const { recent, role, receiver } = this.#connection;
    if (recent.wasResetByUs(id)) return;
    if (role === 'server' && (id & 1) === 1 && recent.hasEnded(id)) {
      throw new ConnectionError(ErrorCode.STREAM_CLOSED, 'HEADERS name a stream that has ended');
    }
    if (role === 'client' && this.#connection.hasOpened(id)) {
      this.#refuse(id, ErrorCode.STREAM_CLOSED);
      this.#connection.guard.reset(performance.now());
      return;
    }
    if (receiver.refusing && id > receiver.lastPeerStream) return;
    throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'HEADERS name a stream that cannot be opened');
  }

  #refuse(id: number, code: number): void {
    const connection = this.#connection;
    connection.sender.output.reset(id, code);
    connection.recent.resetByUs(id);
    connection.checkOutput();
    connection.scheduleFlush();
  }
}
