// The caller's side of a call: what its route says, over the cluster that was chosen.

import { type HeaderList, headerValue } from '#transport';
import {
  type AttemptOutcome,
  applyHeaderChanges,
  type Forward,
  formatGrpcTimeout,
  grpcToHttpStatus,
  type HeaderList as HeaderPairs,
  type LocalReply,
  localReply,
  type RetryPolicy,
} from '../../rules/index.ts';
import { OVERFLOW } from '../call/attempt.ts';
import type { Plan } from '../call/plan.ts';
import type { ProxiedCall } from '../call/proxied-call.ts';
import type { ReplyFields } from '../call/send-reply.ts';
import { tickClock } from '../call/tick-clock.ts';
import type { ClusterRuntime } from '../clusters/cluster-runtime.ts';
import type { Pool } from '../clusters/pool.ts';
import { tookUpgrade } from '../http1/upgrade-fields.ts';
import type { CallTelemetry } from '../telemetry/call-telemetry.ts';
import { type Affinity, affinityOf } from './affinity.ts';

/** Envoy leaves `grpc-timeout` alone in a request that is no gRPC. */
const GRPC_TIMEOUT = 'grpc-timeout';
const ATTEMPT_COUNT = 'x-envoy-attempt-count';
/** What a rewrite hides from the service. */
const ORIGINAL_PATH = 'x-envoy-original-path';
const ORIGINAL_HOST = 'x-envoy-original-host';
const CONNECTED = { kind: 'connected' } as const;
const NO_POLICY_TIMEOUT = 0;

/**
 * A rule's timeout is the mesh's to call: a service that ran into the same deadline a moment earlier would answer
 * DEADLINE_EXCEEDED where Envoy answers UNAVAILABLE, and where retry conditions look for a timeout.
 */
const SERVER_SLACK_MS = 20;

/** What an edge writes into answers. */
export interface EdgeAnswers {
  readonly replyFields: ReplyFields;
  /** @param serviceMs - how long the service took. */
  answerFields(headers: readonly string[], serviceMs: number): readonly string[];
}

export class OutboundPlan implements Plan {
  readonly timeoutMs: number;
  readonly callerDeadline: boolean;
  readonly retries: RetryPolicy | undefined;
  readonly forward: Forward;
  readonly runtime: ClusterRuntime;
  readonly #telemetry: CallTelemetry;
  readonly #edge: EdgeAnswers | undefined;
  /** Once for all attempts. */
  #affinity: Affinity | undefined;

  constructor(forward: Forward, runtime: ClusterRuntime, telemetry: CallTelemetry, edge?: EdgeAnswers) {
    this.forward = forward;
    this.#edge = edge;
    this.runtime = runtime;
    this.timeoutMs = forward.timeoutMs;
    this.callerDeadline =
      forward.timeoutMs > NO_POLICY_TIMEOUT && forward.timeoutMs !== (forward.route.action?.timeoutMs ?? 0);
    this.retries = forward.retries;
    this.#telemetry = telemetry;
  }

  acquire(call: ProxiedCall): Pool | LocalReply {
    const { runtime } = this;
    const tried = this.retries?.avoidPrevious === false ? undefined : call.tried;
    const pool = runtime.pick(this.#hashKey(call), tried);
    if (pool === undefined) return localReply(503, 'no healthy upstream', 'UH');
    if (!runtime.circuit.enter()) return localReply(503, OVERFLOW, 'UO');
    pool.active++;
    return pool;
  }

  #hashKey(call: ProxiedCall): string | undefined {
    const { hash } = this.runtime.cluster.policy.balancer;
    if (hash === undefined) return undefined;
    // A client of the edge has an address of its own; a workload is known by its name.
    const source = this.#edge === undefined ? undefined : call.head.get('x-envoy-external-address');
    this.#affinity ??= affinityOf(hash, call.head, source ?? this.#telemetry.sourceName);
    return this.#affinity.key;
  }

  release(_call: ProxiedCall, pool: Pool): void {
    pool.active--;
    this.runtime.circuit.leave();
  }

  enterRetry(): boolean {
    return this.runtime.circuit.enterRetry();
  }

  leaveRetry(): void {
    this.runtime.circuit.leaveRetry();
  }

  enterPending(): boolean {
    return this.runtime.circuit.enterPending();
  }

  leavePending(): void {
    this.runtime.circuit.leavePending();
  }

  requestHeaders(call: ProxiedCall, attempt: number): readonly string[] {
    const { list } = call.head;
    const { forward } = this;
    const out: string[] = [];
    for (let i = 0; i < list.length; i += 2) {
      const name = list[i] as string;
      if (name === ':path') out.push(name, forward.path);
      else if (name === ':authority') out.push(name, forward.authority ?? call.head.authority);
      // Set anew: a caller's own values must not pass for the mesh's.
      else if (name === ATTEMPT_COUNT || (name === GRPC_TIMEOUT && call.head.isGrpc)) continue;
      else out.push(name, list[i + 1] as string);
    }
    // Envoy overwrites grpc-timeout with what this attempt has: the per-try timeout, or what is left of the whole.
    const left = this.timeoutMs === 0 ? 0 : Math.max(1, this.timeoutMs - (tickClock.now() - call.routedAt));
    const perTry = this.retries?.perTryTimeoutMs ?? 0;
    const expected = perTry > 0 && (left === 0 || perTry < left) ? perTry : left;
    if (expected > 0 && call.head.isGrpc)
      out.push(GRPC_TIMEOUT, formatGrpcTimeout(this.callerDeadline ? expected : expected + SERVER_SLACK_MS));
    out.push(ATTEMPT_COUNT, attempt === 1 ? '1' : String(attempt));
    const { path, authority } = call.head;
    if (forward.path !== path) tell(out, ORIGINAL_PATH, path);
    if (forward.authority !== undefined && forward.authority !== authority) tell(out, ORIGINAL_HOST, authority);
    return changed(call.span === undefined ? out : call.span.inject(out), forward.headers.request);
  }

  responseHeaders(call: ProxiedCall, headers: HeaderList): readonly string[] {
    if (tookUpgrade(headers)) call.httpStatus = 101;
    const changes = changed(headers, this.forward.headers.response);
    const setCookie = this.#affinity?.setCookie;
    const fields = setCookie === undefined ? changes : [...changes, 'set-cookie', setCookie];
    return this.#edge === undefined ? fields : this.#edge.answerFields(fields, tickClock.now() - call.routedAt);
  }

  get replyFields(): ReplyFields {
    const { replyFields } = this.forward;
    return this.#edge === undefined ? replyFields : [...replyFields, ...this.#edge.replyFields];
  }

  attemptEnded(_call: ProxiedCall, pool: Pool, outcome: AttemptOutcome): void {
    const { detector } = this.runtime;
    if (detector === undefined) return;
    const now = tickClock.now();
    if (outcome.kind === 'response') {
      const status = outcome.grpcStatus === undefined ? outcome.httpStatus : grpcToHttpStatus(outcome.grpcStatus);
      detector.record(pool.id, CONNECTED, now);
      detector.record(pool.id, { kind: 'response', httpStatus: status }, now);
    } else if (outcome.reason !== 'overflow' && outcome.reason !== 'refused-stream') {
      const reason =
        outcome.reason === 'connection-failure'
          ? 'connect'
          : outcome.reason === 'per-try-timeout'
            ? 'timeout'
            : 'reset';
      detector.record(pool.id, { kind: 'local-failure', reason }, now);
    }
  }

  ended(call: ProxiedCall): void {
    this.#telemetry.outbound(call, this);
  }
}

/** Adds a field, unless a proxy before has said it already. */
function tell(fields: string[], name: string, value: string): void {
  for (let i = 0; i < fields.length; i += 2) if (fields[i] === name) return;
  fields.push(name, value);
}

function changed(headers: readonly string[], changes: Forward['headers']['request']): readonly string[] {
  if (changes.length === 0) return headers;
  const pairs: HeaderPairs = [];
  for (let i = 0; i < headers.length; i += 2) pairs.push([headers[i] ?? '', headers[i + 1] ?? '']);
  return applyHeaderChanges(pairs, changes).flat();
}

/** The request id that joins a call's log lines. */
export function requestId(call: ProxiedCall): string | undefined {
  return headerValue(call.head.list, 'x-request-id');
}
