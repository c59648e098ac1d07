// Passes one HTTP/2 stream on to another, octets untouched: headers, data, trailers, resets, credit both ways.
// A side's credit is given back only when the other side has room, so that a slow end slows the fast one down.
import type { HeaderList } from '../hpack/decoder.ts';
import type { Http2Stream, ResetSource, StreamHandler } from '../http2/stream.ts';
import { ErrorCode } from '../wire/frame.ts';

/** What a proxy may change or see on the way. Every hook is optional. */
export interface ForwardHooks {
  /**
   * Response headers: return the list to send on, or `undefined` to take over (a retry, an answer of your own). Then the
   * forward lets go of both streams: upstream is reset, and the hook must have set `downstream.handler` (or made the next
   * `Forward`) before it returns, so that no octet of the request is lost.
   */
  onResponse?(headers: HeaderList, endStream: boolean): readonly string[] | undefined;
  /** Trailers of the response: the list to send on. */
  onTrailers?(headers: HeaderList): readonly string[];
  /** Octets of the request, before they are passed on. */
  onRequestData?(bytes: Buffer, start: number, end: number, endStream: boolean): void;
  /** The upstream stream ended early: return true to take over, as with `onResponse`; else the reset is passed on. */
  onUpstreamReset?(code: number, source: ResetSource): boolean;
  /** The downstream stream ended early; upstream has been reset with CANCEL. */
  onDownstreamReset?(code: number, source: ResetSource): void;
  /** Both sides have ended. */
  onFinish?(): void;
}

/** For an upstream stream that was let go: what still comes is dropped. */
const GONE: StreamHandler = {
  onHeaders() {},
  onData: (stream, _bytes, start, end) => stream.consume(end - start),
  onTrailers() {},
  onReset() {},
  onDrain() {},
  onStalled() {},
};

/** Octets to give back to `from` when `to` has drained. */
class Direction {
  held = 0;

  pass(from: Http2Stream, to: Http2Stream, bytes: Buffer, start: number, end: number, endStream: boolean): void {
    const room = to.sendData(bytes.subarray(start, end), endStream);
    if (room && this.held === 0) from.consume(end - start);
    else this.held += end - start;
  }

  drained(from: Http2Stream): void {
    const { held } = this;
    this.held = 0;
    from.consume(held);
  }
}

/** A running forward; `downstream` is the accepted stream, `upstream` the opened one. */
export class Forward {
  readonly downstream: Http2Stream;
  readonly upstream: Http2Stream;
  readonly #hooks: ForwardHooks;
  readonly #request = new Direction();
  readonly #response = new Direction();
  #finished = false;

  constructor(downstream: Http2Stream, upstream: Http2Stream, hooks: ForwardHooks = {}) {
    this.downstream = downstream;
    this.upstream = upstream;
    this.#hooks = hooks;
    downstream.handler = this.#below;
    upstream.handler = this.#above;
  }

  /** Nothing takes the rest of the request any more. */
  #stopRequest(): void {
    const { downstream } = this;
    downstream.inputUnwanted = true;
    if (downstream.localClosed && !downstream.remoteClosed) downstream.reset(ErrorCode.NO_ERROR);
  }

  #finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#hooks.onFinish?.();
  }

  readonly #below: StreamHandler = {
    onHeaders: () => {},
    onData: (stream, bytes, start, end, endStream) => {
      this.#hooks.onRequestData?.(bytes, start, end, endStream);
      this.#request.pass(stream, this.upstream, bytes, start, end, endStream);
    },
    onTrailers: (stream, headers) => this.upstream.sendHeaders(headers, true, stream.neverIndexed),
    onReset: (_stream, code, source) => {
      this.upstream.reset(source === 'peer' ? code : ErrorCode.CANCEL);
      this.#hooks.onDownstreamReset?.(code, source);
      this.#finish();
    },
    onDrain: () => this.#response.drained(this.upstream),
    onStalled: () => {},
  };

  readonly #above: StreamHandler = {
    onHeaders: (stream, headers, endStream) => {
      const list = this.#hooks.onResponse === undefined ? headers : this.#hooks.onResponse(headers, endStream);
      if (list === undefined) {
        stream.handler = GONE;
        stream.reset(ErrorCode.CANCEL);
        return;
      }
      this.downstream.sendHeaders(list, endStream, stream.neverIndexed);
      if (endStream) this.#finish();
    },
    onInformation: (_stream, headers) => this.downstream.sendInformation(headers),
    onData: (stream, bytes, start, end, endStream) => {
      this.#response.pass(stream, this.downstream, bytes, start, end, endStream);
      if (endStream) this.#finish();
    },
    onTrailers: (stream, headers) => {
      this.downstream.sendHeaders(this.#hooks.onTrailers?.(headers) ?? headers, true, stream.neverIndexed);
      this.#finish();
    },
    onReset: (stream, code, source) => {
      if (stream.remoteClosed) {
        // The response is whole (a server that wants no more of the request resets after it): let it go out.
        this.#stopRequest();
        return;
      }
      if (this.#hooks.onUpstreamReset?.(code, source)) return;
      this.downstream.reset(code);
      this.#finish();
    },
    onDrain: () => this.#request.drained(this.downstream),
    onStalled: () => {},
  };
}
