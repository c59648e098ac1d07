// Outlier detection of one cluster as a state machine over a clock that is passed in: who is ejected, until when.
// Source: Envoy source/common/upstream/outlier_detection_impl.cc; limits and defaults as Istio sets them (cluster-policy.ts).

import type { OutlierPolicy } from '../model/cluster-policy.ts';

export type AttemptResult =
  /** The instance answered; a gRPC status counts as the HTTP status it stands for. */
  | { readonly kind: 'response'; readonly httpStatus: number }
  /** This side could not connect, lost the connection, or gave up waiting. */
  | { readonly kind: 'local-failure'; readonly reason: 'connect' | 'timeout' | 'reset' }
  | { readonly kind: 'connected' };

export interface Ejection {
  readonly id: string;
  readonly reason: 'consecutive-5xx' | 'consecutive-gateway-error' | 'consecutive-local-origin-failure' | 'by hand';
  readonly sinceMs: number;
  /** The earliest time of return; the sweep that follows it brings the instance back. */
  readonly untilMs: number;
}

interface HostState {
  consecutive5xx: number;
  consecutiveGateway: number;
  consecutiveLocal: number;
  /** How many base ejection times the next stay lasts, less one. */
  backoff: number;
  ejection: Ejection | undefined;
}

export class OutlierDetector {
  readonly policy: OutlierPolicy;
  readonly #hosts = new Map<string, HostState>();

  constructor(policy: OutlierPolicy) {
    this.policy = policy;
  }

  /** Instances come and go; those that stay keep their counters and their ejection. */
  setHosts(ids: Iterable<string>): void {
    const wanted = new Set(ids);
    for (const id of this.#hosts.keys()) if (!wanted.has(id)) this.#hosts.delete(id);
    for (const id of wanted) if (!this.#hosts.has(id)) this.#hosts.set(id, newHost());
  }

  isEjected(id: string): boolean {
    return this.#hosts.get(id)?.ejection !== undefined;
  }

  /** Asked before every call. */
  get anyEjected(): boolean {
    for (const host of this.#hosts.values()) if (host.ejection !== undefined) return true;
    return false;
  }

  ejections(): readonly Ejection[] {
    return [...this.#hosts.values()].flatMap((host) => host.ejection ?? []);
  }

  record(id: string, result: AttemptResult, nowMs: number): void {
    const host = this.#hosts.get(id);
    if (host === undefined) return;
    const { policy } = this;
    if (policy.splitExternalLocalOriginErrors && result.kind !== 'response') {
      if (result.kind === 'connected') host.consecutiveLocal = 0;
      else if (++host.consecutiveLocal === policy.consecutiveLocalOriginFailures) {
        this.#tryEject(id, host, 'consecutive-local-origin-failure', nowMs);
        host.consecutiveLocal = 0;
      }
      return;
    }
    if (result.kind === 'connected') return;
    // Without the split a local failure counts as the HTTP status that the caller is going to see.
    const status = result.kind === 'response' ? result.httpStatus : result.reason === 'timeout' ? 504 : 503;
    this.#count(id, host, status, nowMs);
  }

  #count(id: string, host: HostState, status: number, nowMs: number): void {
    if (status < 500) {
      host.consecutive5xx = 0;
      host.consecutiveGateway = 0;
      return;
    }
    const gateway = status >= 502 && status <= 504;
    host.consecutiveGateway = gateway ? host.consecutiveGateway + 1 : 0;
    host.consecutive5xx++;
    if (gateway && host.consecutiveGateway === this.policy.consecutiveGatewayErrors) {
      this.#tryEject(id, host, 'consecutive-gateway-error', nowMs);
      host.consecutiveGateway = 0;
    }
    if (host.consecutive5xx === this.policy.consecutive5xx) {
      this.#tryEject(id, host, 'consecutive-5xx', nowMs);
      host.consecutive5xx = 0;
    }
  }

  #tryEject(id: string, host: HostState, reason: Ejection['reason'], nowMs: number): void {
    if (host.ejection !== undefined) return;
    const ejected = this.ejections().length;
    if ((100 * (ejected + 1)) / this.#hosts.size > this.policy.maxEjectionPercent) return;
    this.#eject(id, host, reason, nowMs);
  }

  #eject(id: string, host: HostState, reason: Ejection['reason'], nowMs: number): void {
    const { baseEjectionMs, maxEjectionMs } = this.policy;
    if (host.backoff * baseEjectionMs < maxEjectionMs + baseEjectionMs) host.backoff++;
    host.ejection = {
      id,
      reason,
      sinceMs: nowMs,
      untilMs: nowMs + Math.min(baseEjectionMs * host.backoff, maxEjectionMs),
    };
  }

  /** Ejects at an operator's word, whatever the limits say. */
  ejectByHand(id: string, nowMs: number, durationMs?: number): boolean {
    const host = this.#hosts.get(id);
    if (host === undefined) return false;
    this.#eject(id, host, 'by hand', nowMs);
    if (durationMs !== undefined && host.ejection !== undefined)
      host.ejection = { ...host.ejection, untilMs: nowMs + durationMs };
    return true;
  }

  readmit(id: string): void {
    const host = this.#hosts.get(id);
    if (host === undefined) return;
    host.ejection = undefined;
    host.consecutive5xx = 0;
    host.consecutiveGateway = 0;
    host.consecutiveLocal = 0;
  }

  /** Runs once an interval: takes back whoever has stayed away long enough; staying healthy shortens the next stay. */
  sweep(nowMs: number): readonly string[] {
    const returned: string[] = [];
    for (const [id, host] of this.#hosts) {
      if (host.ejection === undefined) host.backoff = Math.max(0, host.backoff - 1);
      else if (host.ejection.untilMs <= nowMs) {
        this.readmit(id);
        returned.push(id);
      }
    }
    return returned;
  }
}

function newHost(): HostState {
  return { consecutive5xx: 0, consecutiveGateway: 0, consecutiveLocal: 0, backoff: 0, ejection: undefined };
}

/**
 * The instances that may be chosen: those not ejected, or all of them when fewer than `minHealthPercent` are left (Envoy's
 * panic mode). With the threshold at 0, Istio's default, no instance left means no instance.
 */
export function selectable<C extends { readonly id: string }>(
  candidates: readonly C[],
  detector: OutlierDetector | undefined,
): readonly C[] {
  if (detector === undefined || !detector.anyEjected) return candidates;
  const healthy = candidates.filter((each) => !detector.isEjected(each.id));
  const share = candidates.length === 0 ? 0 : (100 * healthy.length) / candidates.length;
  return share < detector.policy.minHealthPercent ? candidates : healthy;
}
