// What is recorded of a request at the edge, in the names of the OpenTelemetry HTTP conventions.
// The record stands in for that of an incoming call, so that calls made for the request go on with its trace.
import type { Code } from '../../errors/rpc-error.ts';
import { requestId } from '../../identity/request-id.ts';
import type { CallRecord } from '../../telemetry/call-recorder.ts';
import type { HeaderBag } from '../../telemetry/header-bag.ts';
import type { ParentLogger } from '../../telemetry/logger.ts';
import { ComputedMetric, histogramSamples, type Sample } from '../../telemetry/metrics/computed-metric.ts';
import { Latencies } from '../../telemetry/metrics/latencies.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { Span } from '../../telemetry/traces/spans.ts';
import {
  newTraceContext,
  readTraceContext,
  type TraceContext,
  writeTraceContext,
} from '../../telemetry/traces/trace-context.ts';

/** Records requests. */
export interface HttpRecorder {
  /** @param route template of the route that takes the request, never its path: the number of labels is bounded */
  start(method: string, route: string, headers: HeaderBag): HttpRecord;
}

/** A recorder whose metrics are on `/metrics`. */
export function createHttpRecorder(telemetry: Telemetry): HttpRecorder {
  const routes = new Map<string, RouteMetrics>();
  const name = 'http_server_request_duration_seconds';
  const samples = (): Sample[] =>
    [...routes.values()].flatMap(({ labels, byStatus }) =>
      [...byStatus].flatMap(([status, latencies]) => {
        const error = status >= 500 ? { error_type: String(status) } : {};
        return histogramSamples(name, { ...labels, http_response_status_code: String(status), ...error }, latencies);
      }),
    );
  telemetry.registry.registerMetric(
    new ComputedMetric(name, 'Duration of requests at the edge.', 'histogram', samples),
  );
  return {
    start(method, route, headers) {
      const key = `${method} ${route}`;
      let metrics = routes.get(key);
      if (metrics === undefined) {
        const labels = { http_request_method: method, http_route: route, url_scheme: 'http' };
        metrics = { name: key, labels, byStatus: new Map() };
        routes.set(key, metrics);
      }
      return new HttpRecord(telemetry, metrics, headers);
    },
  };
}

interface RouteMetrics {
  /** `GET /api/v2/orders/{order_id}` */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly byStatus: Map<number, Latencies>;
}

/** One request that is being recorded. */
export class HttpRecord implements CallRecord {
  readonly trace: TraceContext;
  readonly requestId: string;
  readonly #route: RouteMetrics;
  readonly #span: Span;
  readonly #parentLog: ParentLogger;
  readonly #startedAt = performance.now();
  #log: ParentLogger | undefined;
  #ended = false;

  constructor({ spans, sampleRatio, log }: Telemetry, route: RouteMetrics, headers: HeaderBag) {
    this.#route = route;
    this.#parentLog = log;
    this.requestId = requestId(headers);
    const parent = readTraceContext(headers) ?? newTraceContext(sampleRatio);
    const { http_request_method: method = '', http_route: path = '' } = route.labels;
    this.#span = spans.start(route.name, 'server', { 'http.request.method': method, 'http.route': path }, parent);
    this.trace = this.#span.context;
  }

  get log(): ParentLogger {
    const { requestId, trace } = this;
    this.#log ??= this.#parentLog.child({ requestId, traceId: trace.traceId, route: this.#route.name });
    return this.#log;
  }

  inject(headers: HeaderBag): void {
    writeTraceContext(headers, this.trace);
  }

  sent(): void {}

  received(): void {}

  /** What ended the calls of this request says nothing yet about its response; see {@link finish}. */
  end(_code: Code | 'OK'): void {}

  /** Ends the record; only the first call counts. */
  finish(status: number, error?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    const seconds = (performance.now() - this.#startedAt) / 1000;
    let latencies = this.#route.byStatus.get(status);
    if (latencies === undefined) {
      latencies = new Latencies();
      this.#route.byStatus.set(status, latencies);
    }
    latencies.record(seconds);
    const failed = status >= 500;
    this.#span.end(
      { 'http.response.status_code': status, ...(failed ? { 'error.type': String(status) } : {}) },
      failed ? { message: String(status), cause: error } : undefined,
    );
    this.#report(status, seconds, error);
  }

  #report(status: number, seconds: number, error: unknown): void {
    // 500 hides its cause from the client, so the cause must be here; other failures are told to the client in full.
    const level = status < 400 ? 'debug' : status === 500 ? 'error' : status > 500 ? 'warn' : 'info';
    if (!this.#parentLog.keeps(level)) return;
    const cause = error instanceof Error && level !== 'error' ? error.message : error;
    const fields = { status, durationMs: Math.round(seconds * 1e6) / 1e3 };
    this.log[level]('request', error === undefined ? fields : { ...fields, error: cause });
  }
}
