// Metrics of RPCs in the names of the OpenTelemetry RPC conventions, as Prometheus spells them.
// Numbers are kept a method and status at a time and turned into labelled samples only when /metrics is read.
import type { Registry } from 'prom-client';
import type { Code } from '../../errors/rpc-error.ts';
import { ComputedMetric, histogramSamples, type Sample } from './computed-metric.ts';
import { Latencies } from './latencies.ts';

/** Which end of a call is measured. */
export type Side = 'server' | 'client';

/** Numbers of one method. */
export interface MethodMetrics {
  /** `fairlead.payment.v1.PaymentService/Charge`, the conventions' `rpc.method`. */
  readonly method: string;
  readonly byStatus: Map<Code | 'OK', Latencies>;
  /** All statuses together, for percentiles. */
  readonly all: Latencies;
  active: number;
  sentMessages: number;
  sentBytes: number;
  receivedMessages: number;
  receivedBytes: number;
}

type Samples = (metrics: Iterable<MethodMetrics>) => Sample[];

/** A server's failures are its own; a client counts whatever is not OK (semantic conventions, gRPC). */
const serverErrors: ReadonlySet<string> = new Set<Code>([
  'UNKNOWN',
  'DEADLINE_EXCEEDED',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
]);

/** Whether the status counts as an error on this side. */
export function isError(side: Side, code: Code | 'OK'): boolean {
  return side === 'client' ? code !== 'OK' : serverErrors.has(code);
}

/** All methods of one side, registered with Prometheus. */
export class RpcMetrics {
  readonly #methods = new Map<string, Map<string, MethodMetrics>>();

  constructor(side: Side, registry: Registry) {
    const all = (): Iterable<MethodMetrics> => this.methods();
    const add = (name: string, help: string, type: 'histogram' | 'gauge' | 'counter', samples: Samples): void => {
      registry.registerMetric(new ComputedMetric(name, help, type, () => samples(all())));
    };
    add(`rpc_${side}_call_duration_seconds`, `Duration of calls, ${side} side.`, 'histogram', (methods) =>
      [...methods].flatMap((method) => durationSamples(side, method)),
    );
    const number = (name: string, help: string, type: 'gauge' | 'counter', read: (m: MethodMetrics) => number): void =>
      add(name, help, type, (methods) => [...methods].map((m) => ({ labels: labelsOf(m), value: read(m) })));
    number(`rpc_${side}_active_calls`, 'Calls that are open.', 'gauge', (m) => m.active);
    number(`rpc_${side}_sent_messages_total`, 'Messages sent.', 'counter', (m) => m.sentMessages);
    number(`rpc_${side}_sent_bytes_total`, 'Bytes of messages sent.', 'counter', (m) => m.sentBytes);
    number(`rpc_${side}_received_messages_total`, 'Messages received.', 'counter', (m) => m.receivedMessages);
    number(`rpc_${side}_received_bytes_total`, 'Bytes of messages received.', 'counter', (m) => m.receivedBytes);
  }

  *methods(): Generator<MethodMetrics> {
    for (const service of this.#methods.values()) yield* service.values();
  }

  /** The numbers of a method, made at its first call. */
  of(service: string, rpc: string): MethodMetrics {
    let methods = this.#methods.get(service);
    if (methods === undefined) {
      methods = new Map();
      this.#methods.set(service, methods);
    }
    let metrics = methods.get(rpc);
    if (metrics === undefined) {
      const counters = { active: 0, sentMessages: 0, sentBytes: 0, receivedMessages: 0, receivedBytes: 0 };
      metrics = { method: `${service}/${rpc}`, byStatus: new Map(), all: new Latencies(), ...counters };
      methods.set(rpc, metrics);
    }
    return metrics;
  }
}

/** Counts a finished call. */
export function recordCall(metrics: MethodMetrics, code: Code | 'OK', seconds: number): void {
  let latencies = metrics.byStatus.get(code);
  if (latencies === undefined) {
    latencies = new Latencies();
    metrics.byStatus.set(code, latencies);
  }
  latencies.record(seconds);
  metrics.all.record(seconds);
}

function labelsOf({ method }: MethodMetrics): Record<string, string> {
  return { rpc_system_name: 'grpc', rpc_method: method };
}

function durationSamples(side: Side, metrics: MethodMetrics): Sample[] {
  return [...metrics.byStatus].flatMap(([code, latencies]) => {
    const error = isError(side, code) ? { error_type: code } : {};
    const labels = { ...labelsOf(metrics), rpc_status_code: code, ...error };
    return histogramSamples(`rpc_${side}_call_duration_seconds`, labels, latencies);
  });
}
