// Sends the sidecars' spans to a collector as OTLP over HTTP in JSON, in batches. A collector that is away costs spans only.
// https://opentelemetry.io/docs/specs/otlp/#otlphttp; attribute names follow the semantic conventions for RPC.

import type { CallSpan } from './call-span.ts';

export interface FinishedSpan {
  readonly span: CallSpan;
  readonly name: string;
  readonly service: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly error: boolean;
  readonly endMs: number;
}

const MAX_WAITING = 4096;
const INTERVAL_MS = 1000;

export class SpanExporter {
  readonly #url: string;
  #waiting: FinishedSpan[] = [];
  #timer: NodeJS.Timeout | undefined;
  dropped = 0;

  /** @param url - for example `http://127.0.0.1:4318/v1/traces`. */
  constructor(url: string) {
    this.#url = url;
  }

  add(span: FinishedSpan): void {
    if (this.#waiting.length >= MAX_WAITING) {
      this.dropped++;
      return;
    }
    this.#waiting.push(span);
    this.#timer ??= setTimeout(() => void this.flush(), INTERVAL_MS);
    this.#timer.unref();
  }

  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const spans = this.#waiting;
    this.#waiting = [];
    if (spans.length === 0) return;
    try {
      const response = await fetch(this.#url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ resourceSpans: resourceSpans(spans) }),
        signal: AbortSignal.timeout(5000),
      });
      await response.body?.cancel();
      if (!response.ok) this.dropped += spans.length;
    } catch {
      this.dropped += spans.length;
    }
  }
}

function resourceSpans(spans: readonly FinishedSpan[]): unknown[] {
  const services = Map.groupBy(spans, (each) => each.service);
  return [...services].map(([service, own]) => ({
    resource: { attributes: attributes({ 'service.name': service }) },
    scopeSpans: [{ scope: { name: 'fairlead.mesh' }, spans: own.map(otlpSpan) }],
  }));
}

function otlpSpan({ span, name, attributes: values, error, endMs }: FinishedSpan): unknown {
  return {
    traceId: span.traceId,
    spanId: span.id,
    ...(span.parentId === undefined ? {} : { parentSpanId: span.parentId }),
    name,
    kind: span.kind === 'client' ? 3 : 2,
    startTimeUnixNano: `${span.startMs}000000`,
    endTimeUnixNano: `${endMs}000000`,
    attributes: attributes(values),
    status: error ? { code: 2 } : {},
  };
}

function attributes(values: Readonly<Record<string, string | number>>): unknown[] {
  return Object.entries(values).map(([key, value]) => ({
    key,
    value: typeof value === 'number' ? { intValue: value } : { stringValue: value },
  }));
}
