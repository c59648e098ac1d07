// W3C Trace Context (https://www.w3.org/TR/trace-context/): parsed, kept and forwarded whether or not spans are recorded.
// A header that breaks the grammar is treated as absent, as the recommendation asks.
import { randomBytes } from 'node:crypto';
import type { HeaderBag } from './header-bag.ts';

/** The place of a call in a trace. */
export interface TraceContext {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits. */
  readonly spanId: string;
  /** Whether whoever started the trace wants it recorded. */
  readonly sampled: boolean;
  /** `tracestate` as it came. @default - none */
  readonly state?: string;
  /** The trace begins here: no span has `spanId`. @default false */
  readonly root?: boolean;
}

const grammar = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const longestState = 512;

/** The context that the headers carry, or undefined where there is none that is valid. */
export function readTraceContext(headers: HeaderBag): TraceContext | undefined {
  const match = grammar.exec(headers.get('traceparent') ?? '');
  if (match === null) return undefined;
  const [, version, traceId = '', spanId = '', flags = '', rest] = match;
  // Version ff is forbidden, and version 00 has exactly four parts; later versions may have more.
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  const state = headers.get('tracestate');
  const sampled = (Number.parseInt(flags, 16) & 1) === 1;
  if (state === undefined || state === '' || state.length > longestState) return { traceId, spanId, sampled };
  return { traceId, spanId, sampled, state };
}

/** Writes the context to headers of a call that goes out. */
export function writeTraceContext(headers: HeaderBag, context: TraceContext): void {
  headers.set('traceparent', `00-${context.traceId}-${context.spanId}-${context.sampled ? '01' : '00'}`);
  if (context.state !== undefined) headers.set('tracestate', context.state);
}

/** A context for a request that brought none; `ratio` of them are sampled. */
export function newTraceContext(ratio: number): TraceContext {
  const bytes = randomBytes(24).toString('hex');
  // The same share is taken as by OpenTelemetry's TraceIdRatioBased: the id itself is the die that is cast.
  const sampled = Number.parseInt(bytes.slice(20, 32), 16) < ratio * 2 ** 48;
  return { traceId: bytes.slice(0, 32), spanId: bytes.slice(32), sampled, root: true };
}
