// Connection pool limits of one cluster, counted by the caller's sidecar: what goes over is refused at once (flag UO).
// Source: Envoy circuit breakers (max_requests, max_pending_requests, max_retries), limits from the DestinationRule.

import type { PoolLimits } from '../model/cluster-policy.ts';

export class Circuit {
  limits: PoolLimits;
  #active = 0;
  #pending = 0;
  #retries = 0;
  #overflows = 0;

  constructor(limits: PoolLimits) {
    this.limits = limits;
  }

  get active(): number {
    return this.#active;
  }

  get overflows(): number {
    return this.#overflows;
  }

  #take(full: boolean): boolean {
    if (full) this.#overflows++;
    return !full;
  }

  /** False: the cluster has its limit of calls under way. Otherwise `leave` must follow. */
  enter(): boolean {
    if (!this.#take(this.#active >= this.limits.maxRequests)) return false;
    this.#active++;
    return true;
  }

  leave(): void {
    this.#active--;
  }

  /** For a call that has to wait for a connection. */
  enterPending(): boolean {
    if (!this.#take(this.#pending >= this.limits.maxPendingRequests)) return false;
    this.#pending++;
    return true;
  }

  leavePending(): void {
    this.#pending--;
  }

  enterRetry(): boolean {
    if (!this.#take(this.#retries >= this.limits.maxRetries)) return false;
    this.#retries++;
    return true;
  }

  leaveRetry(): void {
    this.#retries--;
  }
}
