// Moves requests from an iterable into a call, no faster than they leave the process.
// When the call ends first, the source is told by its `return`, so that its `finally` runs.
import { SendWindow } from '../../calls/send-window.ts';
import type { StreamSource } from '../../contract/shapes.ts';
import { RpcError } from '../../errors/rpc-error.ts';

/** Where requests go. */
export interface RequestSink {
  encode(request: object): Buffer;
  send(bytes: Buffer, flushed: () => void): void;
  halfClose(): void;
  /** The source threw, or gave something that is no request. */
  fail(error: RpcError): void;
}

/** Pumps from its construction on. */
export class RequestPump {
  readonly #window = new SendWindow();
  readonly #sink: RequestSink;
  #stopped = false;

  constructor(requests: StreamSource<object>, sink: RequestSink) {
    this.#sink = sink;
    void this.#run(requests);
  }

  /** The call has ended. */
  stop(): void {
    this.#stopped = true;
    this.#window.release();
  }

  async #run(requests: StreamSource<object>): Promise<void> {
    try {
      for await (const request of requests) {
        if (this.#stopped) return;
        const bytes = this.#sink.encode(request);
        this.#window.add(bytes.length);
        this.#sink.send(bytes, this.#window.flushed);
        if (this.#window.full) await this.#window.room();
        if (this.#stopped) return;
      }
      if (!this.#stopped) this.#sink.halfClose();
    } catch (cause) {
      if (this.#stopped) return;
      this.#sink.fail(
        RpcError.is(cause) ? cause : new RpcError('CANCELLED', 'the stream of requests failed', { cause }),
      );
    }
  }
}
