// One HTTP/2 connection over any duplex: life from preface to close, few writes a tick, GOAWAY and its grace.
// Frames are handled in `receiver.ts`, sending in `sender.ts`; this file owns the socket and the set of streams.
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { HeaderList } from '../hpack/decoder.ts';
import { ConnectionError, ErrorCode, LARGEST_STREAM_ID } from '../wire/frame.ts';
import { FrameOutput } from '../wire/frame-output.ts';
import { type Swept, sweeper } from './clock/sweeper.ts';
import type { Counters } from './guard/counters.ts';
import { FloodGuard } from './guard/flood-guard.ts';
import type { ConnectionLimits } from './guard/limits.ts';
import { Keepalive } from './keepalive.ts';
import { LinkedStream } from './linked-stream.ts';
import { writeOpening } from './opening.ts';
import { Receiver } from './receive/receiver.ts';
import { RecentStreams } from './receive/recent-streams.ts';
import { Sender } from './sender.ts';
import { Http2Stream, type ResetSource, type StreamHandler } from './stream.ts';
import { StreamTable } from './stream-table.ts';

/** What a connection's owner implements. */
export interface ConnectionListener {
  /** Server side: a request has begun. The owner sets `stream.handler` before it returns. */
  onRequest(stream: Http2Stream, headers: HeaderList, endStream: boolean): void;
  /** The peer's first SETTINGS are there. */
  onReady?(connection: Http2Connection): void;
  /** The peer will take no new streams. */
  onGoaway?(connection: Http2Connection, code: number, debug: string): void;
  /** A stream has ended, so that there is room for another. */
  onStreamClosed?(connection: Http2Connection): void;
  /** The connection is gone; every stream's handler has been told. */
  onClose?(connection: Http2Connection, error: Error | undefined): void;
  /** A handler threw. Its stream has been reset with INTERNAL_ERROR. */
  onHandlerError?(error: unknown): void;
}

const FATAL_GRACE = 1_000;
const STREAMS_BEFORE_SETTINGS = 100;

/** So many octets leave at once: the peer reads the first part of a long batch while the rest of it is still made. */
const FULL_BATCH = 65_536;

/**
 * So many whole requests or answers leave at once too, where they are a quarter of what is open. Both ends then work at the same time;
 * with one write a tick each waits for the other's batch.
 */
const FULL_ROUND = 8;
const ROUNDS_OPEN = 4;

export class Http2Connection implements Swept {
  readonly role: 'client' | 'server';
  readonly socket: Duplex;
  readonly limits: ConnectionLimits;
  readonly counters: Counters;
  readonly listener: ConnectionListener;
  readonly streams: StreamTable = new StreamTable();
  readonly sender: Sender;
  readonly receiver: Receiver;
  readonly guard: FloodGuard;
  readonly recent = new RecentStreams();
  readonly keepalive: Keepalive;
  /** Received octets that no reader has dealt with, all streams together. */
  buffered = 0;
  /** What the peer allows us to open at once. */
  peerMaxStreams = STREAMS_BEFORE_SETTINGS;
  /** We have sent a GOAWAY: no new streams of the peer's beyond it. */
  draining = false;
  /** The peer has sent a GOAWAY, or ids ran out: no new streams of ours. */
  retired = false;
  closed = false;
  /** Milliseconds of `performance.now()` when `drain` was called. */
  drainedAt = 0;
  /** Milliseconds of the sweeper's clock when the last stream ended, or the connection began. */
  idleSince = sweeper.now;
  readonly openedAt = performance.now();
  /** The other end, once `link` has named it. */
  linked: Http2Connection | undefined = undefined;
  /** Free for the owner. */
  data: unknown = undefined;
  readonly #output = new FrameOutput();
  #nextStreamId: number;
  #flushScheduled = false;
  #unsent = 0;
  /** Requests or answers that became whole since the last write. */
  #whole = 0;
  readonly #native: boolean;
  #ending = false;
  #grace: NodeJS.Timeout | undefined;
  #failing: Error | undefined;
  readonly #flushBound = (): void => this.flush();
  readonly #writtenBound = (): void => this.#written();
  readonly #parts: Uint8Array[] = [];

  constructor(
    role: 'client' | 'server',
    socket: Duplex,
    limits: ConnectionLimits,
    counters: Counters,
    listener: ConnectionListener,
  ) {
    this.role = role;
    this.socket = socket;
    this.#native = socket instanceof Socket;
    this.limits = limits;
    this.counters = counters;
    this.listener = listener;
    this.#nextStreamId = role === 'client' ? 1 : 2;
    this.sender = new Sender(this, this.#output);
    this.guard = new FloodGuard(limits, counters, performance.now());
    this.receiver = new Receiver(this);
    this.keepalive = new Keepalive(this);
    counters.connections++;
    counters.connectionsOpened++;
    socket.on('data', (chunk: Buffer) => this.receiver.push(chunk));
    socket.on('error', (error: Error) => this.destroy(error));
    socket.on('end', () => this.destroy(undefined));
    socket.on('close', () => this.destroy(undefined));
    sweeper.watch(this);
    writeOpening(this.#output, role, limits);
    this.scheduleFlush();
  }

  /** Octets that the socket has not taken are over `socketBuffer`: data waits on its streams. */
  get congested(): boolean {
    return this.#unsent + this.#output.pending > this.limits.socketBuffer;
  }

  /** New streams of ours can be opened now. */
  get available(): boolean {
    return !this.closed && !this.retired && this.streams.size < this.peerMaxStreams;
  }

  /**
   * Client side: the other end of this very connection lies in this process, and new streams go to it by reference. The
   * connection stays what ties both together: its settings, its GOAWAY and its end hold for linked streams as for others.
   */
  link(server: Http2Connection): void {
    if (this.role !== 'client' || server.role !== 'server')
      throw new TypeError('a client end is linked to a server end');
    this.linked = server;
  }

  /** Client side: a stream that takes its id when its headers are sent. */
  open(handler: StreamHandler): Http2Stream {
    if (this.linked !== undefined) return new LinkedStream(this, 0, handler);
    return new Http2Stream(this, 0, handler, this.sender.initialWindow, this.limits.streamWindow);
  }

  /** Gives a client's stream its id; false when the connection takes none, and the handler has been told. */
  admit(stream: Http2Stream): boolean {
    if (this.closed || this.retired) {
      stream.closed = true;
      stream.handler.onReset(stream, ErrorCode.REFUSED_STREAM, 'refused');
      return false;
    }
    stream.id = this.#nextStreamId;
    stream.sendWindow = this.sender.initialWindow;
    this.#nextStreamId += 2;
    if (this.#nextStreamId > LARGEST_STREAM_ID) this.retired = true;
    this.add(stream);
    return true;
  }

  add(stream: Http2Stream): void {
    this.streams.add(stream);
    stream.touchedAt = sweeper.now;
    this.counters.streams++;
    this.counters.streamsOpened++;
  }

  scheduleFlush(): void {
    if (this.#output.pending >= FULL_BATCH) {
      this.flush();
    } else if (!this.#flushScheduled) {
      this.#flushScheduled = true;
      process.nextTick(this.#flushBound);
    }
  }

  /** Hands what is pending to the socket, in one write; a tick that was asked for meanwhile finds nothing more to do. */
  flush(): void {
    this.#flushScheduled = false;
    this.#whole = 0;
    const octets = this.#output.pending;
    if (octets === 0 || this.socket.destroyed || this.socket.writableEnded) return;
    const parts = this.#parts;
    this.#output.take(parts);
    this.#unsent += octets;
    this.counters.bytesSent += octets;
    const last = parts.length - 1;
    if (last > 0) this.socket.cork();
    for (let i = 0; i < last; i++) this.socket.write(parts[i]);
    this.socket.write(parts[last], this.#writtenBound);
    if (last > 0) this.socket.uncork();
    parts.length = 0;
  }

  #written(): void {
    const wasCongested = this.congested;
    this.#unsent = this.socket.writableLength;
    // Other duplexes may still hold what they have taken: only a real socket has copied it.
    if (this.#unsent === 0 && this.#native) this.#output.reuse();
    if (wasCongested && !this.congested) this.sender.pump();
  }

  /** A frame that answers the peer's: bounded, because the peer may never read. */
  checkOutput(): void {
    if (this.#unsent + this.#output.pending <= this.limits.socketBuffer * 2) return;
    this.counters.outputFloods++;
    throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, 'answers pile up that the peer does not read');
  }

  /** Runs a handler; what it throws costs its stream, not the connection. */
  guarded(stream: Http2Stream, run: () => void): void {
    try {
      run();
    } catch (error) {
      this.handlerFailed(stream, error);
    }
  }

  handlerFailed(stream: Http2Stream, error: unknown): void {
    if (error instanceof ConnectionError) throw error;
    this.counters.handlerErrors++;
    this.listener.onHandlerError?.(error);
    if (!stream.closed && !stream.handler.onFailure?.(stream, error)) stream.reset(ErrorCode.INTERNAL_ERROR);
  }

  closeLocal(stream: Http2Stream): void {
    stream.localClosed = true;
    if (stream.remoteClosed) this.finish(stream);
    else if (stream.inputUnwanted) stream.reset(ErrorCode.NO_ERROR);
    if (++this.#whole >= FULL_ROUND && this.#whole * ROUNDS_OPEN >= this.streams.size) this.flush();
  }

  /** The stream ran to its end on both sides. */
  finish(stream: Http2Stream): void {
    if (stream.closed) return;
    this.guard.completed();
    this.counters.streamsCompleted++;
    this.recent.ended(stream.id);
    this.#remove(stream);
  }

  /** Why the connection ended, for messages: empty while it has not. */
  get endReason(): string {
    return this.#failing === undefined ? '' : this.#failing.message;
  }

  /** Our own reset: the peer's late frames on the stream are ignored from now on. */
  resetStream(stream: Http2Stream, code: number): void {
    if (stream.id !== 0) {
      this.#output.reset(stream.id, code);
      this.counters.streamsResetByUs++;
      this.recent.resetByUs(stream.id);
      this.scheduleFlush();
    }
    this.#remove(stream);
  }

  /** The same for a linked stream, whose other end is told without a frame. */
  unlink(stream: Http2Stream): void {
    if (stream.id !== 0) {
      this.counters.streamsResetByUs++;
      this.recent.ended(stream.id);
    }
    this.#remove(stream);
  }

  /** A stream error that the peer caused: reset, tell the owner, and count it against the peer. */
  streamError(stream: Http2Stream, code: number): void {
    if (stream.closed) return;
    this.resetStream(stream, code);
    this.guarded(stream, () => stream.handler.onReset(stream, code, 'local'));
    this.guard.reset(performance.now());
  }

  /** The peer, or the end of the connection, took the stream away. */
  streamLost(stream: Http2Stream, code: number, source: ResetSource): void {
    if (stream.closed) return;
    this.recent.ended(stream.id);
    this.#remove(stream);
    this.guarded(stream, () => stream.handler.onReset(stream, code, source));
  }

  #remove(stream: Http2Stream): void {
    stream.closed = true;
    stream.queue = undefined;
    stream.trailers = undefined;
    if (!this.streams.delete(stream)) return;
    this.counters.streams--;
    if (this.streams.size === 0) {
      this.idleSince = sweeper.now;
      if ((this.draining || this.retired) && !this.closed) this.#end();
    }
    this.listener.onStreamClosed?.(this);
  }

  /** Whether a stream of ours with this id was ever opened. */
  hasOpened(id: number): boolean {
    return (id & 1) === (this.role === 'client' ? 1 : 0) && id < this.#nextStreamId;
  }

  /** Streams of ours beyond `last` were not processed and may be tried elsewhere (RFC 9113 section 6.8). */
  goawayReceived(last: number, code: number, debug: string): void {
    this.retired = true;
    for (const stream of this.streams.values()) {
      if (stream.id > last && this.hasOpened(stream.id)) {
        this.streamLost(stream, ErrorCode.REFUSED_STREAM, 'refused');
      }
    }
    this.listener.onGoaway?.(this, code, debug);
    if (this.streams.size === 0) this.#end();
  }

  /** Octets are no longer held by their reader. */
  release(octets: number): void {
    this.buffered -= octets;
    this.receiver.replenish();
  }

  /**
   * Takes no new streams and closes when those that run have ended. The server tells its peer in two steps
   * (RFC 9113 section 6.8), so that no request that is on its way is lost.
   */
  drain(): void {
    if (this.draining || this.closed) return;
    if (this.role === 'server') {
      this.draining = true;
      this.drainedAt = performance.now();
      this.#output.goaway(LARGEST_STREAM_ID, ErrorCode.NO_ERROR, 'drain');
      this.counters.goawaysSent++;
      this.keepalive.roundTrip(() => this.#finalGoaway());
    } else {
      this.retired = true;
      if (this.streams.size === 0) this.#end();
    }
    this.scheduleFlush();
  }

  #finalGoaway(): void {
    if (this.closed) return;
    this.receiver.refuseNew();
    this.#output.goaway(this.receiver.lastPeerStream, ErrorCode.NO_ERROR, 'drain');
    this.scheduleFlush();
    if (this.streams.size === 0) this.#end();
  }

  /** Closes once what is pending has been handed over. */
  #end(): void {
    if (this.#ending || (this.role === 'server' && !this.receiver.refusing)) return;
    this.#ending = true;
    this.flush();
    this.socket.end();
    this.#failing ??= new Error('the connection was drained');
    this.#destroySoon();
  }

  /** A connection error: GOAWAY with its code, then close (RFC 9113 section 5.4.1). */
  fail(error: ConnectionError): void {
    if (this.closed || this.#failing instanceof ConnectionError) return;
    this.#failing = error;
    this.retired = true;
    this.counters.protocolErrors++;
    this.counters.goawaysSent++;
    this.#output.goaway(this.receiver.lastPeerStream, error.code, error.message);
    this.flush();
    this.receiver.stop();
    this.socket.end();
    this.destroyStreams();
    this.#destroySoon();
  }

  /** The peer gets a moment to read the GOAWAY and to close by itself. */
  #destroySoon(): void {
    this.#grace ??= setTimeout(() => this.socket.destroy(), FATAL_GRACE).unref();
  }

  destroyStreams(): void {
    for (const stream of this.streams.values()) this.streamLost(stream, ErrorCode.CANCEL, 'connection');
  }

  /** Closes at once. */
  destroy(error: Error | undefined): void {
    if (this.closed) return;
    this.closed = true;
    this.#failing ??= error;
    this.retired = true;
    sweeper.forget(this);
    this.counters.connections--;
    clearTimeout(this.#grace);
    this.receiver.stop();
    this.socket.destroy();
    this.destroyStreams();
    this.listener.onClose?.(this, error ?? this.#failing);
  }

  sweep(now: number): void {
    try {
      this.receiver.sweep(now);
      this.keepalive.sweep(now);
      if (this.streams.size === 0) this.#output.shrink();
      for (const stream of this.streams.values()) this.#sweepStream(stream, now);
    } catch (error) {
      if (error instanceof ConnectionError) this.fail(error);
      else throw error;
    }
  }

  #sweepStream(stream: Http2Stream, now: number): void {
    if (stream.awaiting && now - stream.touchedAt > this.limits.messageTimeout) {
      this.counters.messageTimeouts++;
      stream.awaiting = false;
      this.guarded(stream, () => stream.handler.onStalled(stream));
    } else if (stream.queue !== undefined && now - stream.sentAt > this.limits.sendTimeout) {
      this.counters.sendTimeouts++;
      this.streamError(stream, ErrorCode.CANCEL);
    }
  }

  /** Sends PING with `opaque`; the keepalive's. */
  ping(opaque: Uint8Array): void {
    this.#output.ping(false, opaque);
    this.scheduleFlush();
  }
}
