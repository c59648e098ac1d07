// A span of one sidecar for one sampled call, joined to the services' own by W3C trace context.
// https://www.w3.org/TR/trace-context/: version 00, 16 bytes of trace id, 8 of parent id, flags.

import { randomBytes } from 'node:crypto';

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

export class CallSpan {
  readonly traceId: string;
  readonly parentId: string | undefined;
  readonly id: string;
  readonly kind: 'client' | 'server';
  readonly startMs = Date.now();

  private constructor(traceId: string, parentId: string | undefined, kind: CallSpan['kind']) {
    this.traceId = traceId;
    this.parentId = parentId;
    this.kind = kind;
    this.id = randomBytes(8).toString('hex');
  }

  /**
   * @param traceparent - the request's; when it is there, its sampled flag decides.
   * @param percent - the share of traces that begin here and are sampled.
   */
  static begin(traceparent: string | undefined, kind: CallSpan['kind'], percent: number): CallSpan | undefined {
    const match = traceparent === undefined ? null : TRACEPARENT.exec(traceparent);
    if (match !== null) {
      const sampled = (Number.parseInt(match[3] ?? '0', 16) & 1) === 1;
      return sampled ? new CallSpan(match[1] ?? '', match[2], kind) : undefined;
    }
    if (percent <= 0 || Math.random() * 100 >= percent) return undefined;
    return new CallSpan(randomBytes(16).toString('hex'), undefined, kind);
  }

  /** The request's headers with this span as the parent of what comes next. */
  inject(headers: readonly string[]): string[] {
    const out: string[] = [];
    for (let i = 0; i < headers.length; i += 2)
      if (headers[i] !== 'traceparent') out.push(headers[i] ?? '', headers[i + 1] ?? '');
    out.push('traceparent', `00-${this.traceId}-${this.id}-01`);
    return out;
  }
}
