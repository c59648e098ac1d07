// W3C Trace Context (https://www.w3.org/TR/trace-context/): parsed, kept and forwarded whether or not spans are recorded.
// A header that breaks the grammar is treated as absent, as the recommendation asks.
import { octets, takeOctets } from '../../identity/random-octets.ts';
import type { HeaderBag } from '../header-bag.ts';

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

const longestState = 512;
/** `version-traceId-spanId-flags`; later versions may have more. */
const shortest = 55;
const dash = 0x2d;

/** Whether `text[from, to)` are lower-case hex digits; with `some`, at least one of them not 0. */
function isHex(text: string, from: number, to: number, some: boolean): boolean {
  let all = 0x30;
  for (let index = from; index < to; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x30 || code > 0x66 || (code > 0x39 && code < 0x61)) return false;
    all |= code;
  }
  return !some || all !== 0x30;
}

function isTraceparent(text: string): boolean {
  if (text.length < shortest || text.charCodeAt(2) !== dash) return false;
  if (text.charCodeAt(35) !== dash || text.charCodeAt(52) !== dash) return false;
  // Version ff is forbidden, and version 00 has exactly four parts; later versions may have more.
  if (text.length > shortest && (text.charCodeAt(shortest) !== dash || text.startsWith('00'))) return false;
  if (text.startsWith('ff') || !isHex(text, 0, 2, false) || !isHex(text, 53, 55, false)) return false;
  return isHex(text, 3, 35, true) && isHex(text, 36, 52, true);
}

/** The context that the headers carry, or undefined where there is none that is valid. */
export function readTraceContext(headers: HeaderBag): TraceContext | undefined {
  const text = headers.get('traceparent');
  if (text === undefined || !isTraceparent(text)) return undefined;
  const traceId = text.slice(3, 35);
  const spanId = text.slice(36, 52);
  const state = headers.get('tracestate');
  // The last digit's lowest bit: odd digits, and b, d, f, whose codes are even.
  const digit = text.charCodeAt(54);
  const sampled = (digit & 1) === (digit < 0x61 ? 1 : 0);
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
  const start = takeOctets(24);
  const text = octets.toString('hex', start, start + 24);
  // The same share is taken as by OpenTelemetry's TraceIdRatioBased: the id itself is the die that is cast.
  const sampled = octets.readUIntBE(start + 10, 6) < ratio * 2 ** 48;
  return { traceId: text.slice(0, 32), spanId: text.slice(32), sampled, root: true };
}
