// What both ends of a gRPC call share: DATA to messages, credit a message at a time, decompression.
// A message that arrives whole in one frame, the usual case, is a slice: no reader, no copy, no queue.
import type { HeaderList } from '../hpack/decoder.ts';
import type { Http2Stream, ResetSource, StreamHandler } from '../http2/stream.ts';
import { DecompressionError, decompress, type Encoding } from './compression.ts';
import { checkPrefix, MESSAGE_PREFIX, MessageError, MessageReader, type MessageSink } from './message-reader.ts';
import { Status } from './status.ts';

export abstract class MessageStream implements StreamHandler, MessageSink {
  stream: Http2Stream | undefined = undefined;
  /** Encoding of what the peer sends. */
  incoming: Encoding = 'identity';
  /** The peer has ended its side, and every message was delivered. */
  ended = false;
  /** Messages that the owner is willing to take; Infinity takes them as they come. */
  protected credit = 0;
  protected abstract readonly maximumMessage: number;
  /** The call is over and takes nothing more. */
  protected over = false;
  #reader: MessageReader | undefined = undefined;
  #inbox: Buffer[] | undefined = undefined;
  #inboxBytes = 0;
  #ungranted = 0;
  #endPending = false;

  /** One message, decompressed. */
  protected abstract deliver(message: Buffer): void;
  /** The peer's side ended after whole messages. */
  protected abstract deliverEnd(): void;
  /** What came cannot be read: the call must end with this status. */
  protected abstract failIncoming(code: number, message: string): void;
  abstract onHeaders(stream: Http2Stream, headers: HeaderList, endStream: boolean): void;
  abstract onTrailers(stream: Http2Stream, headers: HeaderList): void;
  abstract onReset(stream: Http2Stream, code: number, source: ResetSource): void;
  abstract onDrain(stream: Http2Stream): void;
  abstract onStalled(stream: Http2Stream): void;
  /** Whether silence is the peer's debt even between messages (a request that must have exactly one). */
  protected abstract owesMessage(): boolean;

  onData(stream: Http2Stream, bytes: Buffer, start: number, end: number, endStream: boolean): void {
    if (this.over) {
      stream.consume(end - start);
      return;
    }
    const size = end - start;
    const reader = this.#reader;
    if ((reader === undefined || !reader.partial) && size >= MESSAGE_PREFIX && this.#inbox === undefined) {
      if (bytes[start] === 0 && this.credit > 0) {
        const length =
          (bytes[start + 1] as number) * 0x1000000 +
          (((bytes[start + 2] as number) << 16) | ((bytes[start + 3] as number) << 8) | (bytes[start + 4] as number));
        if (length + MESSAGE_PREFIX === size && length <= this.maximumMessage) {
          stream.consume(size);
          this.#count(stream);
          this.credit--;
          this.deliver(bytes.subarray(start + MESSAGE_PREFIX, end));
          if (endStream) this.incomingEnded();
          else stream.awaiting = !this.over && this.owesMessage();
          return;
        }
      }
    }
    this.#slow(stream, bytes, start, end);
    if (endStream) this.incomingEnded();
  }

  #slow(stream: Http2Stream, bytes: Buffer, start: number, end: number): void {
    this.#ungranted += end - start;
    try {
      this.#reader ??= new MessageReader(this.maximumMessage);
      this.#reader.push(bytes, start, end, this);
    } catch (error) {
      if (!(error instanceof MessageError)) throw error;
      const tooLarge = error.reason === 'too-large';
      if (tooLarge) stream.connection.counters.messagesTooLarge++;
      this.#fail(tooLarge ? Status.RESOURCE_EXHAUSTED : Status.INTERNAL, error.message);
      return;
    }
    if (this.over) {
      stream.releaseAll();
      return;
    }
    this.#settle(stream);
    stream.awaiting = this.#reader.partial || this.owesMessage();
    const { connection } = stream;
    if (this.#reader.partial && connection.buffered > connection.limits.sessionMemory) {
      connection.counters.sessionMemoryExceeded++;
      this.#fail(Status.RESOURCE_EXHAUSTED, 'the connection holds too many unfinished messages');
    }
  }

  /** Brings the stream's books in line with what is held, and opens its window when no message waits. */
  #settle(stream: Http2Stream): void {
    const held = (this.#reader?.held ?? 0) + this.#inboxBytes;
    if (stream.buffered > held) stream.release(stream.buffered - held);
    if (this.#inbox === undefined && this.#ungranted > 0) {
      stream.grant(this.#ungranted);
      this.#ungranted = 0;
    }
  }

  /** From the reader: a whole message. */
  onWhole(bytes: Buffer, compressed: boolean): void {
    const { stream } = this;
    if (this.over || stream === undefined) return;
    let message = bytes;
    if (compressed) {
      if (this.incoming === 'identity') {
        this.#fail(Status.INTERNAL, 'a message is marked as compressed, and no encoding was declared');
        return;
      }
      try {
        message = decompress(this.incoming, bytes, this.maximumMessage);
      } catch (error) {
        if (!(error instanceof DecompressionError)) throw error;
        const tooLarge = error.reason === 'too-large';
        if (tooLarge) stream.connection.counters.messagesTooLarge++;
        this.#fail(tooLarge ? Status.RESOURCE_EXHAUSTED : Status.INTERNAL, error.message);
        return;
      }
    }
    this.#count(stream);
    if (this.credit > 0 && this.#inbox === undefined) {
      this.credit--;
      this.deliver(message);
      return;
    }
    this.#inbox ??= [];
    this.#inbox.push(message);
    this.#inboxBytes += message.length;
  }

  /** Takes up to `messages` more; they are delivered at once as far as they are there. */
  pull(messages = 1): void {
    this.credit += messages;
    while (this.credit > 0 && this.#inbox !== undefined && !this.over) {
      const message = this.#inbox.shift();
      if (message === undefined) break;
      this.#inboxBytes -= message.length;
      if (this.#inbox.length === 0) this.#inbox = undefined;
      this.credit--;
      this.deliver(message);
    }
    if (this.stream !== undefined && !this.over) this.#settle(this.stream);
    if (this.#endPending && this.#inbox === undefined && !this.over) this.#end();
  }

  /** The peer's side is closed: an unfinished message is data loss, not an end. */
  protected incomingEnded(): void {
    if (this.over || this.ended) return;
    if (this.stream !== undefined) this.stream.awaiting = false;
    if (this.#reader?.partial) {
      this.#fail(Status.INTERNAL, 'the stream ended in the middle of a message');
    } else if (this.#inbox !== undefined) {
      this.#endPending = true;
    } else {
      this.#end();
    }
  }

  /** The call is over: nothing is delivered any more and nothing stays held. */
  protected close(): void {
    this.over = true;
    this.#inbox = undefined;
    this.#inboxBytes = 0;
    this.#reader = undefined;
    const { stream } = this;
    if (stream !== undefined) {
      stream.awaiting = false;
      stream.releaseAll();
    }
  }

  #end(): void {
    this.#endPending = false;
    this.ended = true;
    this.deliverEnd();
  }

  #count(stream: Http2Stream): void {
    stream.connection.counters.messagesReceived++;
  }

  #fail(code: number, message: string): void {
    this.stream?.releaseAll();
    this.failIncoming(code, message);
  }
}

/** Re-exported for callers that frame messages by themselves. */
export { checkPrefix };
