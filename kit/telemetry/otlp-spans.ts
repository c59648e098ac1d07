// Spans to a collector over OTLP/gRPC, with OpenTelemetry's processor and exporter. Only reached by a lazy import: they cost memory.
// Whether a trace is recorded was decided before, from its context, so an unsampled call never touches the SDK.
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace';
import { ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from '@opentelemetry/semantic-conventions';
import { RecordedSpan, type SpanOrigin } from './recorded-span.ts';
import { noSpans, type SpanSource } from './spans.ts';

/** Options of {@link createOtlpSpans}. */
export interface OtlpSpanOptions {
  readonly service: string;
  readonly version: string;
  /** URL of the collector; `http://` is plain text, `https://` is TLS. */
  readonly endpoint: string;
  /** @default - OTLP over gRPC to the endpoint */
  readonly exporter?: SpanExporter;
}

/** A source of spans that are sent to a collector in batches. Nothing is registered for the process as a whole. */
export function createOtlpSpans({ service, version, endpoint, exporter }: OtlpSpanOptions): SpanSource {
  const origin: SpanOrigin = {
    resource: resourceFromAttributes({ [ATTR_SERVICE_NAME]: service, [ATTR_SERVICE_VERSION]: version }),
    processor: new BatchSpanProcessor({ exporter: exporter ?? new OTLPTraceExporter({ url: endpoint }) }),
  };
  return {
    start: (name, kind, attributes, parent) =>
      parent.sampled
        ? new RecordedSpan(origin, name, kind, attributes, parent)
        : noSpans.start(name, kind, attributes, parent),
    shutdown: () => origin.processor.shutdown(),
  };
}
