// Where spans come from. Without a collector there are none, and the trace context only passes through.
// The OpenTelemetry SDK is loaded only by `otlp-spans.ts`, which is loaded only where a collector is named.
import type { TraceContext } from './trace-context.ts';

/** Attributes of a span in OpenTelemetry's names. */
export type SpanAttributes = Readonly<Record<string, string | number>>;

/** One span. */
export interface Span {
  /** What calls made within the span carry. */
  readonly context: TraceContext;
  /** Ends the span; `error` is absent when it went well. */
  end(attributes: SpanAttributes, error?: { readonly message: string; readonly cause?: unknown }): void;
}

/** Starts spans. */
export interface SpanSource {
  start(name: string, kind: 'server' | 'client', attributes: SpanAttributes, parent: TraceContext): Span;
  /** Sends what is still kept. */
  shutdown(): Promise<void>;
}

/** No spans: the caller's context is handed on unchanged. */
export const noSpans: SpanSource = {
  start: (_name, _kind, _attributes, parent) => ({ context: parent, end: () => {} }),
  shutdown: async () => {},
};
