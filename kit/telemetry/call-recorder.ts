// What is recorded of every call: duration, messages, span, and a log line where it is worth one.
// A recorder is told of calls by the server and the clients; nothing is patched. Labels are resolved once a method.
import type { RpcKind } from '../contract/shapes.ts';
import { type Code, RpcError } from '../errors/rpc-error.ts';
import { requestId } from '../identity/request-id.ts';
import type { HeaderBag } from './header-bag.ts';
import type { ParentLogger } from './logger.ts';
import { isError, type MethodMetrics, type RpcMetrics, recordCall, type Side } from './metrics/rpc-metrics.ts';
import type { Span, SpanSource } from './traces/spans.ts';
import { newTraceContext, readTraceContext, type TraceContext, writeTraceContext } from './traces/trace-context.ts';

/** A method as the recorder needs to know it. */
export interface RecordedMethod {
  /** Full name of the service. */
  readonly service: string;
  readonly rpc: string;
  readonly kind: RpcKind;
}

/** One call that is being recorded. */
export interface CallRecord {
  /** Its place in its trace, which calls made within it go on from. */
  readonly trace: TraceContext;
  readonly requestId: string;
  /** Logger whose lines carry request id, trace id and method. */
  readonly log: ParentLogger;
  /** Writes the trace context for calls that are made within this one. */
  inject(headers: HeaderBag): void;
  /** A message of so many bytes was sent. */
  sent(bytes: number): void;
  /** A message of so many bytes was received. */
  received(bytes: number): void;
  /** Ends the record; only the first call counts. `error` is what was thrown, for the log alone. */
  end(code: Code | 'OK', error?: unknown): void;
}

/** Numbers of one method since the process started. */
export interface MethodStatistics {
  /** `fairlead.payment.v1.PaymentService/Charge`. */
  readonly method: string;
  readonly calls: number;
  readonly errors: number;
  readonly active: number;
  /** Milliseconds. */
  readonly p50: number;
  /** Milliseconds. */
  readonly p95: number;
  /** Milliseconds. */
  readonly p99: number;
}

/** Records the calls of one side. */
export interface CallRecorder {
  /**
   * Begins a record. The trace goes on from `parent`, the surrounding call's, or from the context that `headers` carry.
   */
  start(method: RecordedMethod, headers: HeaderBag, parent?: TraceContext): CallRecord;
  /** Numbers by method, for people; Prometheus has its own. */
  statistics(): MethodStatistics[];
}

/** What a recorder writes to. */
export interface RecorderParts {
  readonly side: Side;
  readonly metrics: RpcMetrics;
  readonly spans: SpanSource;
  readonly log: ParentLogger;
  readonly sampleRatio: number;
}

/** A recorder for one side. */
export function createCallRecorder(parts: RecorderParts): CallRecorder {
  return {
    start: (method, headers, parent) => new Recording(parts, method, headers, parent),
    statistics: () => [...parts.metrics.methods()].map((metrics) => statisticsOf(parts.side, metrics)),
  };
}

class Recording implements CallRecord {
  readonly trace: TraceContext;
  readonly requestId: string;
  readonly #parts: RecorderParts;
  readonly #metrics: MethodMetrics;
  /** Absent in traces that are not recorded. */
  readonly #span: Span | undefined;
  readonly #startedAt = performance.now();
  #log: ParentLogger | undefined;
  #ended = false;

  constructor(parts: RecorderParts, { service, rpc }: RecordedMethod, headers: HeaderBag, within?: TraceContext) {
    this.#parts = parts;
    this.#metrics = parts.metrics.of(service, rpc);
    this.#metrics.active += 1;
    this.requestId = requestId(headers);
    const parent = within ?? readTraceContext(headers) ?? newTraceContext(parts.sampleRatio);
    this.#span = parent.sampled ? this.#startSpan(parent) : undefined;
    this.trace = this.#span === undefined ? parent : this.#span.context;
  }

  get log(): ParentLogger {
    this.#log ??= this.#parts.log.child({
      requestId: this.requestId,
      traceId: this.trace.traceId,
      rpc: this.#metrics.method,
    });
    return this.#log;
  }

  #startSpan(parent: TraceContext): Span {
    const { method } = this.#metrics;
    const attributes = { 'rpc.system.name': 'grpc', 'rpc.method': method };
    return this.#parts.spans.start(method, this.#parts.side, attributes, parent);
  }

  inject(headers: HeaderBag): void {
    writeTraceContext(headers, this.trace);
  }

  sent(bytes: number): void {
    this.#metrics.sentMessages += 1;
    this.#metrics.sentBytes += bytes;
  }

  received(bytes: number): void {
    this.#metrics.receivedMessages += 1;
    this.#metrics.receivedBytes += bytes;
  }

  end(code: Code | 'OK', error?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    const seconds = (performance.now() - this.#startedAt) / 1000;
    this.#metrics.active -= 1;
    recordCall(this.#metrics, code, seconds);
    if (this.#span !== undefined) {
      const failed = isError(this.#parts.side, code);
      const attributes = { 'rpc.status_code': code, ...(failed ? { 'error.type': code } : {}) };
      this.#span.end(attributes, failed ? { message: messageOf(code, error), cause: error } : undefined);
    }
    this.#report(code, seconds, error);
  }

  /** Successes are debug lines, a caller's faults info, the platform's faults warnings or, with a cause to find, errors. */
  #report(code: Code | 'OK', seconds: number, error: unknown): void {
    const level = levelOf(this.#parts.side, code);
    if (!this.#parts.log.keeps(level)) return;
    const fields = { side: this.#parts.side, status: code, durationMs: Math.round(seconds * 1e6) / 1e3 };
    if (code === 'OK') {
      this.log.debug('call', fields);
      return;
    }
    const cause =
      RpcError.is(error) && level !== 'error' ? { reason: error.details.reason, error: error.message } : { error };
    this.log[level]('call failed', { ...fields, ...cause });
  }
}

function levelOf(side: Side, code: Code | 'OK'): 'debug' | 'info' | 'warn' | 'error' {
  if (code === 'OK') return 'debug';
  // The other end of a client's call has a line of its own about the cause.
  if (side === 'client') return 'info';
  if (code === 'INTERNAL' || code === 'UNKNOWN' || code === 'DATA_LOSS') return 'error';
  return isError(side, code) ? 'warn' : 'info';
}

function messageOf(code: Code | 'OK', error: unknown): string {
  return error instanceof Error ? `${code}: ${error.message}` : code;
}

function statisticsOf(side: Side, { method, byStatus, all, active }: MethodMetrics): MethodStatistics {
  let errors = 0;
  for (const [code, latencies] of byStatus) if (isError(side, code)) errors += latencies.count;
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => Math.round(all.percentile(share) * 1e6) / 1e3);
  return { method, calls: all.count, errors, active, p50: p50 ?? 0, p95: p95 ?? 0, p99: p99 ?? 0 };
}
