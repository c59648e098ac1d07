// Logs, metrics and traces of one process, made once at start and handed to server and clients.
// The OpenTelemetry SDK is loaded only where a collector is named, because it costs more memory than all else here.
import { collectDefaultMetrics, Registry } from 'prom-client';
import { type CallRecorder, createCallRecorder } from './call-recorder.ts';
import { createLogger, type LineSink, type LogLevel, type ParentLogger } from './logger.ts';
import { RpcMetrics } from './metrics/rpc-metrics.ts';
import { noSpans, type SpanSource } from './traces/spans.ts';

export type { CallRecord, CallRecorder, MethodStatistics } from './call-recorder.ts';
export type { HeaderBag } from './header-bag.ts';
export type { LineSink, LogLevel } from './logger.ts';

/** Options of {@link createTelemetry}. */
export interface TelemetryOptions {
  readonly service: string;
  readonly version: string;
  readonly logLevel: LogLevel;
  /** OTLP/gRPC collector. @default - none: trace contexts pass through and no span is recorded */
  readonly otlpEndpoint?: string | undefined;
  /** Share of traces that begin here and are recorded, from 0 to 1. */
  readonly sampleRatio: number;
  /** Where log lines go. @default process.stdout */
  readonly stdout?: LineSink | undefined;
  /** Collect the process's own metrics (memory, CPU, event loop). @default true */
  readonly processMetrics?: boolean;
}

/** Logs, metrics and traces of one process. */
export interface Telemetry {
  readonly log: ParentLogger;
  readonly registry: Registry;
  readonly server: CallRecorder;
  readonly client: CallRecorder;
  /** Spans of what is not a call, such as requests at an HTTP edge. */
  readonly spans: SpanSource;
  /** Share of traces that begin here and are recorded. */
  readonly sampleRatio: number;
  /** Sends spans that are still kept, and stops. */
  shutdown(): Promise<void>;
}

/** Sets up logs, metrics and traces. */
export async function createTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const { service, version, logLevel, otlpEndpoint, sampleRatio, stdout } = options;
  const log = createLogger({
    level: logLevel,
    fields: { service, version },
    ...(stdout === undefined ? {} : { sink: stdout }),
  });
  const registry = new Registry();
  registry.setDefaultLabels({ service, version });
  if (options.processMetrics ?? true) collectDefaultMetrics({ register: registry });
  const spans = await spanSource(service, version, otlpEndpoint);
  const recorder = (side: 'server' | 'client'): CallRecorder =>
    createCallRecorder({ side, metrics: new RpcMetrics(side, registry), spans, log, sampleRatio });
  return {
    log,
    registry,
    server: recorder('server'),
    client: recorder('client'),
    spans,
    sampleRatio,
    async shutdown() {
      registry.clear();
      await spans.shutdown();
    },
  };
}

async function spanSource(service: string, version: string, endpoint: string | undefined): Promise<SpanSource> {
  if (endpoint === undefined || endpoint === '') return noSpans;
  const { createOtlpSpans } = await import('./traces/otlp-spans.ts');
  return createOtlpSpans({ service, version, endpoint });
}
