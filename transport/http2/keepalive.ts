// PINGs of ours: keepalive when nothing has arrived for a while, and round trips that mark a point in the stream.
// Any octet from the peer counts as life, so that a busy connection sends no PING at all.
import { sweeper } from './clock/sweeper.ts';

interface Pingable {
  readonly limits: {
    readonly keepaliveTime: number;
    readonly keepaliveTimeout: number;
    readonly keepaliveWithoutCalls: boolean;
  };
  readonly counters: { keepaliveTimeouts: number };
  readonly streams: { readonly size: number };
  ping(opaque: Uint8Array): void;
  destroy(error: Error): void;
}

export class Keepalive {
  /** Milliseconds of the sweeper's clock when octets last came. */
  heardAt = sweeper.now;
  readonly #connection: Pingable;
  #sentAt = 0;
  #serial = 0;
  readonly #waiting = new Map<string, () => void>();

  constructor(connection: Pingable) {
    this.#connection = connection;
  }

  /** Runs `done` when everything that the peer sent before answering has arrived. */
  roundTrip(done: () => void): void {
    const opaque = Buffer.alloc(8);
    opaque.writeUInt32BE(++this.#serial, 4);
    this.#waiting.set(opaque.toString('latin1'), done);
    this.#connection.ping(opaque);
  }

  /** An answer to a PING; false when we have sent none such. */
  answered(opaque: Buffer): boolean {
    const key = opaque.toString('latin1');
    const done = this.#waiting.get(key);
    if (done === undefined) return false;
    this.#waiting.delete(key);
    done();
    return true;
  }

  sweep(now: number): void {
    const { keepaliveTime, keepaliveTimeout, keepaliveWithoutCalls } = this.#connection.limits;
    if (keepaliveTime <= 0) return;
    if (this.#sentAt > 0) {
      if (this.heardAt >= this.#sentAt) {
        this.#sentAt = 0;
      } else if (now - this.#sentAt > keepaliveTimeout) {
        this.#connection.counters.keepaliveTimeouts++;
        this.#connection.destroy(new Error(`the peer did not answer a keepalive PING within ${keepaliveTimeout} ms`));
      }
      return;
    }
    if (now - this.heardAt < keepaliveTime) return;
    if (this.#connection.streams.size === 0 && !keepaliveWithoutCalls) return;
    this.#sentAt = now;
    this.roundTrip(() => {});
  }
}
