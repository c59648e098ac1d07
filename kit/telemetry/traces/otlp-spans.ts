// Spans through OpenTelemetry's NodeSDK to a collector over OTLP/gRPC. Only reached by a lazy import: it costs tens of MB.
// The SDK owns the pipeline, which spans that business code makes with OpenTelemetry's API take too. Spans of calls are handed
// to its processor as they are; whether they are recorded was decided before, so an unsampled call never touches the SDK.
import { context, logs, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { AlwaysOnSampler, BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace';
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

/** True while a source is open: the SDK registers itself for the whole process. */
let open = false;

/** OTEL_SDK_DISABLED turns the SDK off. A span that was begun and never ends is not sent. */
const isEnabled = (): boolean => trace.getTracer('fairlead').startSpan('enabled?', { root: true }).isRecording();

/**
 * A source of spans that are sent to a collector in batches.
 *
 * @throws Error when the process has one already
 */
export function createOtlpSpans({ service, version, endpoint, exporter }: OtlpSpanOptions): SpanSource {
  if (open)
    throw new Error('this process exports spans already; run one service a process, or shut the first one down');
  open = true;
  const origin: SpanOrigin = {
    resource: resourceFromAttributes({ [ATTR_SERVICE_NAME]: service, [ATTR_SERVICE_VERSION]: version }),
    processor: new BatchSpanProcessor({ exporter: exporter ?? new OTLPTraceExporter({ url: endpoint }) }),
  };
  // Everything that the SDK could take from the environment or patch is named and off: spans are all that it is here for.
  const sdk = new NodeSDK({
    resource: origin.resource,
    autoDetectResources: false,
    instrumentations: [],
    textMapPropagator: null,
    metricReaders: [],
    logRecordProcessors: [],
    sampler: new AlwaysOnSampler(),
    spanProcessors: [origin.processor],
  });
  sdk.start();
  const enabled = isEnabled();
  return {
    start: (name, kind, attributes, parent) =>
      parent.sampled && enabled
        ? new RecordedSpan(origin, name, kind, attributes, parent)
        : noSpans.start(name, kind, attributes, parent),
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
