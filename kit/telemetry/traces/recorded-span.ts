// A span as OpenTelemetry's processor and exporter read it, and no more than that: one object, ids from the kit's own pool,
// nothing copied or checked that was made here. The SDK's own tracer costs a recorded call several times as much.
import {
  type Attributes,
  createTraceState,
  type HrTime,
  type Link,
  type SpanContext,
  SpanKind,
  type SpanStatus,
  SpanStatusCode,
  TraceFlags,
} from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan, SpanProcessor, TimedEvent } from '@opentelemetry/sdk-trace';
import { timeOfDay } from '../../clock/timers.ts';
import { octets, takeOctets } from '../../identity/random-octets.ts';
import type { Span, SpanAttributes } from './spans.ts';
import type { TraceContext } from './trace-context.ts';

/** What all spans of a process share. */
export interface SpanOrigin {
  readonly resource: Resource;
  readonly processor: SpanProcessor;
}

const scope = { name: 'fairlead' };
const unset: SpanStatus = { code: SpanStatusCode.UNSET };
const none: [] = [];

/** Milliseconds since the epoch as seconds and nanoseconds. */
function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
}

function contextOf({ traceId, spanId, state }: TraceContext, isRemote: boolean): SpanContext {
  const context = { traceId, spanId, isRemote, traceFlags: TraceFlags.SAMPLED };
  return state === undefined ? context : { ...context, traceState: createTraceState(state) };
}

/** One call that is recorded. */
export class RecordedSpan implements Span, ReadableSpan {
  readonly context: TraceContext;
  readonly name: string;
  readonly kind: SpanKind;
  readonly parentSpanContext?: SpanContext;
  readonly attributes: Attributes;
  readonly instrumentationScope: typeof scope = scope;
  readonly links: Link[] = none;
  readonly droppedAttributesCount: number = 0;
  readonly droppedEventsCount: number = 0;
  readonly droppedLinksCount: number = 0;
  events: TimedEvent[] = none;
  status: SpanStatus = unset;
  ended = false;
  readonly #origin: SpanOrigin;
  readonly #spanContext: SpanContext;
  readonly #startedMs = timeOfDay();
  readonly #startedAt = performance.now();
  #endedMs = 0;

  constructor(
    origin: SpanOrigin,
    name: string,
    kind: 'server' | 'client',
    attributes: SpanAttributes,
    parent: TraceContext,
  ) {
    const { traceId, state } = parent;
    const start = takeOctets(8);
    const spanId = octets.toString('hex', start, start + 8);
    this.#origin = origin;
    this.name = name;
    this.kind = kind === 'server' ? SpanKind.SERVER : SpanKind.CLIENT;
    this.attributes = { ...attributes };
    this.context = { traceId, spanId, sampled: true, ...(state === undefined ? {} : { state }) };
    this.#spanContext = contextOf(this.context, false);
    if (parent.root !== true) this.parentSpanContext = contextOf(parent, true);
  }

  get resource(): Resource {
    return this.#origin.resource;
  }

  get startTime(): HrTime {
    return hrTime(this.#startedMs);
  }

  get endTime(): HrTime {
    return hrTime(this.#endedMs);
  }

  get duration(): HrTime {
    return hrTime(this.#endedMs - this.#startedMs);
  }

  spanContext(): SpanContext {
    return this.#spanContext;
  }

  end(attributes: SpanAttributes, error?: { readonly message: string; readonly cause?: unknown }): void {
    if (this.ended) return;
    this.ended = true;
    // The time of day may be set meanwhile; a duration never is.
    this.#endedMs = this.#startedMs + performance.now() - this.#startedAt;
    Object.assign(this.attributes, attributes);
    if (error !== undefined) {
      this.status = { code: SpanStatusCode.ERROR, message: error.message };
      if (error.cause instanceof Error) this.events = [exceptionOf(error.cause, this.endTime)];
    }
    this.#origin.processor.onEnd(this);
  }
}

/** The event of an exception, in the names of the semantic conventions. */
function exceptionOf({ name, message, stack }: Error, time: HrTime): TimedEvent {
  return {
    name: 'exception',
    time,
    attributes: {
      'exception.type': name,
      'exception.message': message,
      ...(stack === undefined ? {} : { 'exception.stacktrace': stack }),
    },
    droppedAttributesCount: 0,
  };
}
