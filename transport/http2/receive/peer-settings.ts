// SETTINGS of the peer take effect here; ours are counted as acknowledged here (RFC 9113 section 6.5).
// A change of the initial window moves the window of every open stream, which may make it negative.
import {
  ConnectionError,
  DEFAULT_MAX_FRAME_SIZE,
  ErrorCode,
  FLAG_ACK,
  LARGEST_FRAME_SIZE,
  LARGEST_WINDOW,
  SETTINGS_ENABLE_PUSH,
  SETTINGS_HEADER_TABLE_SIZE,
  SETTINGS_INITIAL_WINDOW_SIZE,
  SETTINGS_MAX_CONCURRENT_STREAMS,
  SETTINGS_MAX_FRAME_SIZE,
  SETTINGS_MAX_HEADER_LIST_SIZE,
} from '../../wire/frame.ts';
import { sweeper } from '../clock/sweeper.ts';
import type { Http2Connection } from '../connection.ts';

export class PeerSettings {
  /** The peer's first SETTINGS are there. */
  received = false;
  /** The peer has acknowledged ours. */
  acknowledged = false;
  /** SETTINGS_MAX_HEADER_LIST_SIZE of the peer, octets. */
  maxHeaderListSize = Number.POSITIVE_INFINITY;
  readonly #connection: Http2Connection;

  constructor(connection: Http2Connection) {
    this.#connection = connection;
  }

  receive(flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    const connection = this.#connection;
    const length = end - start;
    if (id !== 0) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'SETTINGS name a stream');
    if ((flags & FLAG_ACK) !== 0) {
      if (length > 0) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'an ACK of SETTINGS is empty');
      if (!this.received) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'the first SETTINGS are an ACK');
      if (this.acknowledged) connection.guard.control(sweeper.now);
      this.acknowledged = true;
      return;
    }
    if (length % 6 !== 0) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'SETTINGS come in six octets each');
    if (this.received) connection.guard.control(sweeper.now);
    const first = !this.received;
    if (first) connection.peerMaxStreams = Number.POSITIVE_INFINITY;
    for (let position = start; position < end; position += 6) {
      this.#apply(bytes.readUInt16BE(position), bytes.readUInt32BE(position + 2));
    }
    this.received = true;
    connection.sender.output.settingsAck();
    connection.checkOutput();
    connection.scheduleFlush();
    connection.sender.pump();
    if (first) connection.listener.onReady?.(connection);
  }

  #apply(setting: number, value: number): void {
    const connection = this.#connection;
    const { sender } = connection;
    switch (setting) {
      case SETTINGS_HEADER_TABLE_SIZE:
        sender.encoder.limitTable(value);
        break;
      case SETTINGS_ENABLE_PUSH:
        if (value > 1 || (connection.role === 'client' && value === 1)) {
          throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'ENABLE_PUSH is 0 or 1, and 0 from a server');
        }
        break;
      case SETTINGS_MAX_CONCURRENT_STREAMS:
        connection.peerMaxStreams = value;
        break;
      case SETTINGS_INITIAL_WINDOW_SIZE:
        this.#initialWindow(value);
        break;
      case SETTINGS_MAX_FRAME_SIZE:
        if (value < DEFAULT_MAX_FRAME_SIZE || value > LARGEST_FRAME_SIZE) {
          throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'MAX_FRAME_SIZE is out of range');
        }
        sender.maximumFrameSize = Math.min(value, 1_048_576);
        break;
      case SETTINGS_MAX_HEADER_LIST_SIZE:
        this.maxHeaderListSize = value;
        break;
      default:
    }
  }

  #initialWindow(value: number): void {
    if (value > LARGEST_WINDOW) throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, 'a window is too large');
    const connection = this.#connection;
    const change = value - connection.sender.initialWindow;
    connection.sender.initialWindow = value;
    for (const stream of connection.streams.values()) {
      stream.sendWindow += change;
      if (stream.sendWindow > LARGEST_WINDOW) {
        throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, 'the window of a stream overflows');
      }
      connection.sender.list(stream);
    }
  }

  sweep(now: number): void {
    const connection = this.#connection;
    if (this.received && this.acknowledged) return;
    if (now - connection.openedAt <= connection.limits.settingsTimeout) return;
    connection.counters.settingsTimeouts++;
    throw new ConnectionError(ErrorCode.SETTINGS_TIMEOUT, 'SETTINGS were not exchanged in time');
  }
}
