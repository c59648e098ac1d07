// The receiving half of a connection: every frame is checked against RFC 9113 and the limits before it has effect.
// Header blocks are always decoded, also for streams that are gone, because the tables of both ends must agree.
import { HpackDecoder, HpackError } from '../../hpack/decoder.ts';
import {
  CLIENT_PREFACE,
  CONTINUATION,
  ConnectionError,
  DATA,
  DEFAULT_WINDOW,
  ErrorCode,
  FLAG_ACK,
  FLAG_END_HEADERS,
  FLAG_END_STREAM,
  FLAG_PADDED,
  FLAG_PRIORITY,
  GOAWAY,
  HEADERS,
  LARGEST_STREAM_ID,
  LARGEST_WINDOW,
  PING,
  PRIORITY,
  PUSH_PROMISE,
  RST_STREAM,
  SETTINGS,
  WINDOW_UPDATE,
} from '../../wire/frame.ts';
import { FrameReader, type FrameSink } from '../../wire/frame-reader.ts';
import { sweeper } from '../clock/sweeper.ts';
import type { Http2Connection } from '../connection.ts';
import type { Http2Stream } from '../stream.ts';
import { HeaderBlock } from './header-block.ts';
import { HeaderReceiver } from './header-receiver.ts';
import { PeerSettings } from './peer-settings.ts';

const NOTHING = Buffer.alloc(0);

export class Receiver implements FrameSink {
  /** Highest stream id that the peer has opened and we have looked at. */
  lastPeerStream = 0;
  /** Streams beyond `lastPeerStream` are ignored: the final GOAWAY is out. */
  refusing = false;
  readonly settings: PeerSettings;
  readonly #connection: Http2Connection;
  readonly #frames = new FrameReader(this);
  readonly #block: HeaderBlock;
  readonly #headers: HeaderReceiver;
  #prefaceLeft: number;
  #window: number;
  #stopped = false;
  #partialSince = 0;
  #framesSeen = 0;

  constructor(connection: Http2Connection) {
    const { limits } = connection;
    this.#connection = connection;
    this.#prefaceLeft = connection.role === 'server' ? CLIENT_PREFACE.length : 0;
    this.#window = Math.max(limits.connectionWindow, DEFAULT_WINDOW);
    this.#frames.maximumFrameSize = limits.maxFrameSize;
    this.#block = new HeaderBlock(limits, connection.counters);
    // Until our SETTINGS are acknowledged the peer may use the default table.
    const decoder = new HpackDecoder(Math.max(4_096, limits.headerTableSize), limits.maxHeaderListSize);
    this.#headers = new HeaderReceiver(connection, decoder);
    this.settings = new PeerSettings(connection);
  }

  stop(): void {
    this.#stopped = true;
    this.#frames.stop();
  }

  refuseNew(): void {
    this.refusing = true;
  }

  /** Takes what the socket read. */
  push(chunk: Buffer): void {
    if (this.#stopped) return;
    const connection = this.#connection;
    connection.counters.bytesReceived += chunk.length;
    connection.keepalive.heardAt = sweeper.now;
    const before = this.#framesSeen;
    try {
      const offset = this.#prefaceLeft > 0 ? this.#preface(chunk) : 0;
      this.#frames.push(chunk, offset);
    } catch (error) {
      if (error instanceof ConnectionError) connection.fail(error);
      else if (error instanceof HpackError) {
        connection.fail(new ConnectionError(ErrorCode.COMPRESSION_ERROR, error.message));
      } else throw error;
      return;
    }
    if (this.#frames.held === 0 && !this.#block.open) this.#partialSince = 0;
    else if (this.#partialSince === 0 || (this.#framesSeen !== before && !this.#block.open)) {
      this.#partialSince = sweeper.now;
    }
  }

  #preface(chunk: Buffer): number {
    const from = CLIENT_PREFACE.length - this.#prefaceLeft;
    const length = Math.min(this.#prefaceLeft, chunk.length);
    if (CLIENT_PREFACE.compare(chunk, 0, length, from, from + length) !== 0) {
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'this is no HTTP/2 preface');
    }
    this.#prefaceLeft -= length;
    return length;
  }

  sweep(now: number): void {
    const { limits, counters } = this.#connection;
    if (this.#partialSince > 0 && now - this.#partialSince > limits.frameTimeout) {
      counters.frameTimeouts++;
      throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, 'a frame or header block was not finished in time');
    }
    this.settings.sweep(now);
  }

  onFrame(type: number, flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    if (this.#stopped) return;
    this.#framesSeen++;
    if (!this.settings.received && type !== SETTINGS) {
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'the first frame is not SETTINGS');
    }
    if (this.#block.open && (type !== CONTINUATION || id !== this.#block.streamId)) {
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'a frame stands inside a header block');
    }
    switch (type) {
      case DATA:
        this.#data(flags, id, bytes, start, end);
        break;
      case HEADERS:
        this.#headersFrame(flags, id, bytes, start, end);
        break;
      case CONTINUATION:
        this.#block.continue(flags, bytes, start, end);
        if ((flags & FLAG_END_HEADERS) !== 0) this.#wholeBlock(id);
        break;
      case RST_STREAM:
        this.#reset(id, bytes, start, end);
        break;
      case WINDOW_UPDATE:
        this.#windowUpdate(id, bytes, start, end);
        break;
      case SETTINGS:
        this.settings.receive(flags, id, bytes, start, end);
        break;
      case PING:
        this.#ping(flags, id, bytes, start, end);
        break;
      case GOAWAY:
        this.#goaway(id, bytes, start, end);
        break;
      case PRIORITY:
        this.#priority(id, bytes, start, end);
        break;
      case PUSH_PROMISE:
        throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'pushes are not allowed');
      default:
        this.#connection.guard.control(sweeper.now);
    }
  }

  /** Whether the id belongs to a stream that nobody has opened yet. */
  #isIdle(id: number): boolean {
    const connection = this.#connection;
    if ((id & 1) === (connection.role === 'server' ? 1 : 0)) return id > this.lastPeerStream;
    return !connection.hasOpened(id);
  }

  #needStream(id: number): void {
    if (id === 0) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'a stream frame names stream 0');
  }

  /** A frame for a stream that is not open: an error, unless it was on its way when the stream ended. */
  #late(id: number): void {
    if (this.#isIdle(id)) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'a frame names an idle stream');
    if (this.#connection.recent.wasResetByUs(id)) return;
    if (this.refusing) return;
    this.#connection.guard.reset(sweeper.now);
    this.#connection.sender.output.reset(id, ErrorCode.STREAM_CLOSED);
    this.#connection.checkOutput();
    this.#connection.scheduleFlush();
  }

  #data(flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    this.#needStream(id);
    const length = end - start;
    if (length > this.#window) {
      throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, 'the connection window was exceeded');
    }
    this.#window -= length;
    const connection = this.#connection;
    const stream = connection.streams.get(id);
    let from = start;
    let to = end;
    if ((flags & FLAG_PADDED) !== 0) {
      const padding = length > 0 ? (bytes[start] as number) : 0;
      if (padding >= length) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'padding exceeds its frame');
      from++;
      to -= padding;
    }
    if (to > from) connection.guard.progress();
    else if ((flags & FLAG_END_STREAM) === 0) connection.guard.control(sweeper.now);
    if (stream === undefined) {
      this.replenish();
      this.#late(id);
      return;
    }
    this.#streamData(stream, (flags & FLAG_END_STREAM) !== 0, bytes, from, to, length);
    this.replenish();
  }

  #streamData(stream: Http2Stream, ends: boolean, bytes: Buffer, from: number, to: number, flow: number): void {
    const connection = this.#connection;
    const size = to - from;
    if (stream.remoteClosed) {
      connection.streamError(stream, ErrorCode.STREAM_CLOSED);
      return;
    }
    if (flow > stream.receiveWindow) {
      connection.streamError(stream, ErrorCode.FLOW_CONTROL_ERROR);
      return;
    }
    stream.receiveWindow -= flow;
    stream.receivedLength += size;
    const { expectedLength, receivedLength } = stream;
    const wrong = ends ? receivedLength !== expectedLength : receivedLength > expectedLength;
    if ((expectedLength >= 0 && wrong) || (connection.role === 'client' && !stream.headersReceived)) {
      connection.streamError(stream, ErrorCode.PROTOCOL_ERROR);
      return;
    }
    stream.touchedAt = sweeper.now;
    stream.buffered += size;
    connection.buffered += size;
    if (flow > size) stream.grant(flow - size);
    if (ends) stream.remoteClosed = true;
    try {
      stream.handler.onData(stream, bytes, from, to, ends);
    } catch (error) {
      connection.handlerFailed(stream, error);
    }
    if (ends && stream.localClosed) connection.finish(stream);
  }

  /** Gives the peer connection credit, unless readers hold more than the session's memory. */
  replenish(): void {
    const { limits, buffered } = this.#connection;
    const full = Math.max(limits.connectionWindow, DEFAULT_WINDOW);
    const used = full - this.#window;
    if (used * 2 < full || buffered > limits.sessionMemory || this.#stopped) return;
    this.#window = full;
    this.#connection.sender.windowUpdate(0, used);
  }

  #headersFrame(flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    this.#needStream(id);
    let from = start;
    let to = end;
    if ((flags & FLAG_PADDED) !== 0) {
      if (end === start) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'a padded frame is empty');
      to -= bytes[from++] as number;
    }
    let selfDependent = false;
    if ((flags & FLAG_PRIORITY) !== 0) {
      if (to - from >= 5) selfDependent = (bytes.readUInt32BE(from) & 0x7fffffff) === id;
      from += 5;
    }
    if (from > to) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'padding exceeds its frame');
    const ends = (flags & FLAG_END_STREAM) !== 0;
    if ((flags & FLAG_END_HEADERS) !== 0) {
      this.#headers.receive(id, ends, selfDependent, bytes, from, to);
    } else {
      this.#block.begin(id, ends, selfDependent, bytes, from, to);
    }
  }

  #wholeBlock(id: number): void {
    const { endStream, selfDependent } = this.#block;
    const block = this.#block.take();
    this.#headers.receive(id, endStream, selfDependent, block, 0, block.length);
  }

  #reset(id: number, bytes: Buffer, start: number, end: number): void {
    this.#needStream(id);
    if (end - start !== 4) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'RST_STREAM has four octets');
    const connection = this.#connection;
    const stream = connection.streams.get(id);
    if (stream === undefined) {
      if (this.#isIdle(id)) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'RST_STREAM names an idle stream');
      connection.guard.control(sweeper.now);
      return;
    }
    const code = bytes.readUInt32BE(start);
    connection.counters.streamsResetByPeer++;
    connection.streamLost(stream, code, code === ErrorCode.REFUSED_STREAM ? 'refused' : 'peer');
    // A server may end its stream early with NO_ERROR; on our side that is no abuse.
    if (connection.role === 'server') connection.guard.reset(performance.now());
  }

  #windowUpdate(id: number, bytes: Buffer, start: number, end: number): void {
    if (end - start !== 4) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'WINDOW_UPDATE has four octets');
    const connection = this.#connection;
    const { sender } = connection;
    const increment = bytes.readUInt32BE(start) & 0x7fffffff;
    connection.guard.control(sweeper.now);
    if (id === 0) {
      if (increment === 0) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'a window grows by 0');
      if (sender.window + increment > LARGEST_WINDOW) {
        throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, 'the connection window overflows');
      }
      sender.window += increment;
      sender.pump();
      return;
    }
    const stream = connection.streams.get(id);
    if (stream === undefined) {
      if (this.#isIdle(id)) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'WINDOW_UPDATE names an idle stream');
      return;
    }
    if (increment === 0) {
      connection.streamError(stream, ErrorCode.PROTOCOL_ERROR);
    } else if (stream.sendWindow + increment > LARGEST_WINDOW) {
      connection.streamError(stream, ErrorCode.FLOW_CONTROL_ERROR);
    } else {
      stream.sendWindow += increment;
      sender.list(stream);
      sender.pump();
    }
  }

  #ping(flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    if (id !== 0) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'PING names a stream');
    if (end - start !== 8) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'PING has eight octets');
    const connection = this.#connection;
    if ((flags & FLAG_ACK) !== 0) {
      if (!connection.keepalive.answered(bytes.subarray(start, end))) connection.guard.control(sweeper.now);
      return;
    }
    connection.guard.control(sweeper.now);
    connection.sender.output.ping(true, bytes.subarray(start, end));
    connection.checkOutput();
    connection.scheduleFlush();
  }

  #goaway(id: number, bytes: Buffer, start: number, end: number): void {
    if (id !== 0) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'GOAWAY names a stream');
    if (end - start < 8) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'GOAWAY has at least eight octets');
    const connection = this.#connection;
    const last = bytes.readUInt32BE(start) & LARGEST_STREAM_ID;
    const code = bytes.readUInt32BE(start + 4);
    connection.guard.control(sweeper.now);
    connection.counters.goawaysReceived++;
    connection.goawayReceived(
      last,
      code,
      (end - start > 8 ? bytes.subarray(start + 8, end) : NOTHING).toString('utf8'),
    );
  }

  #priority(id: number, bytes: Buffer, start: number, end: number): void {
    this.#needStream(id);
    const connection = this.#connection;
    connection.guard.control(sweeper.now);
    const stream = connection.streams.get(id);
    if (end - start !== 5) {
      if (stream !== undefined) connection.streamError(stream, ErrorCode.FRAME_SIZE_ERROR);
      else throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'PRIORITY has five octets');
    } else if ((bytes.readUInt32BE(start) & 0x7fffffff) === id) {
      if (stream !== undefined) connection.streamError(stream, ErrorCode.PROTOCOL_ERROR);
      else throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'a stream depends on itself');
    }
  }
}
