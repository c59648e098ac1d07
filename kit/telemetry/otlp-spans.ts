// Spans through the OpenTelemetry SDK to a collector over OTLP/gRPC. Only reached by a lazy import: it costs 30 MB.
// Whether a trace is recorded was decided before, from its context, so an unsampled call never touches the SDK.
import {
  type Context,
  createTraceState,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AlwaysOnSampler, BatchSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
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

/** A source of spans that are sent to a collector in batches. */
export function createOtlpSpans({ service, version, endpoint, exporter }: OtlpSpanOptions): SpanSource {
  const processor = new BatchSpanProcessor({ exporter: exporter ?? new OTLPTraceExporter({ url: endpoint }) });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ [ATTR_SERVICE_NAME]: service, [ATTR_SERVICE_VERSION]: version }),
    sampler: new AlwaysOnSampler(),
    spanProcessors: [processor],
  });
  const tracer = provider.getTracer('fairlead');
  return {
    start(name, kind, attributes, parent) {
      if (!parent.sampled) return noSpans.start(name, kind, attributes, parent);
      const options = { kind: kind === 'server' ? SpanKind.SERVER : SpanKind.CLIENT, attributes };
      const span = tracer.startSpan(name, options, parentContext(parent));
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
    shutdown: () => provider.shutdown(),
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
