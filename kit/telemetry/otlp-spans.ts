// Spans through OpenTelemetry's NodeSDK to a collector over OTLP/gRPC. Only reached by a lazy import: it costs tens of MB.
// Whether a trace is recorded was decided before, from its context, so an unsampled call never touches the SDK.
import {
  type Context,
  context,
  createTraceState,
  logs,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { AlwaysOnSampler, type SpanExporter } from '@opentelemetry/sdk-trace';
import { ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from '@opentelemetry/semantic-conventions';
import { noSpans, type SpanSource } from './spans.ts';
import type { TraceContext } from './trace-context.ts';

/** Options of {@link createOtlpSpans}. */
export interface OtlpSpanOptions {
  readonly service: string;
  readonly version: string;
  /** URL of the collector; `http://` is plain text, `https://` is TLS. */
  readonly endpoint: string;
  /** @default - OTLP over gRPC to the endpoint */
  readonly exporter?: SpanExporter;
}

/** True while a source is open: the SDK registers itself for the whole process. */
let open = false;

/**
 * A source of spans that are sent to a collector in batches.
 *
 * @throws Error when the process has one already
 */
export function createOtlpSpans({ service, version, endpoint, exporter }: OtlpSpanOptions): SpanSource {
  if (open)
    throw new Error('this process exports spans already; run one service a process, or shut the first one down');
  open = true;
  // Everything that the SDK could take from the environment or patch is named and off: spans are all that it is here for.
  const sdk = new NodeSDK({
    resource: resourceFromAttributes({ [ATTR_SERVICE_NAME]: service, [ATTR_SERVICE_VERSION]: version }),
    autoDetectResources: false,
    instrumentations: [],
    textMapPropagator: null,
    metricReaders: [],
    logRecordProcessors: [],
    sampler: new AlwaysOnSampler(),
    traceExporter: exporter ?? new OTLPTraceExporter({ url: endpoint }),
  });
  sdk.start();
  const tracer = trace.getTracer('fairlead');
  return {
    start(name, kind, attributes, parent) {
      if (!parent.sampled) return noSpans.start(name, kind, attributes, parent);
      const options = { kind: kind === 'server' ? SpanKind.SERVER : SpanKind.CLIENT, attributes };
      const span = tracer.startSpan(name, options, parentContext(parent));
      // OTEL_SDK_DISABLED turns the SDK off; the caller's context must pass through all the same.
      if (!span.isRecording()) return noSpans.start(name, kind, attributes, parent);
      const { traceId, spanId } = span.spanContext();
      return {
        context: { traceId, spanId, sampled: true, ...(parent.state === undefined ? {} : { state: parent.state }) },
        end(ended, error) {
          span.setAttributes(ended);
          if (error !== undefined) {
            span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
            if (error.cause instanceof Error) span.recordException(error.cause);
          }
          span.end();
        },
      };
    },
    async shutdown() {
      try {
        await sdk.shutdown();
      } finally {
        for (const api of [trace, context, logs]) api.disable();
        open = false;
      }
    },
  };
}

function parentContext({ traceId, spanId, state, root }: TraceContext): Context {
  if (root === true) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    isRemote: true,
    traceFlags: TraceFlags.SAMPLED,
    ...(state === undefined ? {} : { traceState: createTraceState(state) }),
  });
}
