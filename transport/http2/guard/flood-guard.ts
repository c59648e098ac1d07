// Token buckets against frames that cost us and bring nothing (CVE-2019-9512, -9515, -9518, CVE-2023-44487).
// Progress refills them, so that a busy honest connection is never taken for an attack.
import { ConnectionError, ErrorCode } from '../../wire/frame.ts';
import type { Counters } from './counters.ts';
import type { ConnectionLimits } from './limits.ts';

export class FloodGuard {
  readonly #limits: ConnectionLimits;
  readonly #counters: Counters;
  #control: number;
  #resets: number;
  #refilledAt: number;

  constructor(limits: ConnectionLimits, counters: Counters, now: number) {
    this.#limits = limits;
    this.#counters = counters;
    this.#control = limits.controlBurst;
    this.#resets = limits.resetBurst;
    this.#refilledAt = now;
  }

  /** A frame that brings nothing by itself. `now` in milliseconds; throws when the bucket is empty. */
  control(now: number): void {
    if (this.#control < 1) this.#refill(now);
    if (this.#control < 1) {
      this.#counters.controlFloods++;
      throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, 'too many frames without progress');
    }
    this.#control--;
  }

  /** A stream reset by the peer, or by us because of the peer. */
  reset(now: number): void {
    if (this.#resets < 1) this.#refill(now);
    if (this.#resets < 1) {
      this.#counters.resetFloods++;
      throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, 'too many streams reset');
    }
    this.#resets--;
  }

  /** A frame with payload, or a header block, came from the peer. */
  progress(): void {
    if (this.#control < this.#limits.controlBurst) this.#control++;
  }

  /** A DATA frame went to the peer: it may answer with credit for stream and connection, and a PING to measure. */
  sentData(): void {
    if (this.#control < this.#limits.controlBurst) this.#control += 3;
  }

  /** A stream that ran to its end. */
  completed(): void {
    if (this.#resets < this.#limits.resetBurst) this.#resets++;
  }

  #refill(now: number): void {
    const seconds = (now - this.#refilledAt) / 1000;
    this.#refilledAt = now;
    this.#control = Math.min(this.#limits.controlBurst, this.#control + seconds * this.#limits.controlRate);
    this.#resets = Math.min(this.#limits.resetBurst, this.#resets + seconds * this.#limits.resetRate);
  }
}
