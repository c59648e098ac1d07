// Answers that a rule gives by itself: a redirect, or a fixed status with a body.
// Sources: istio route.go (ApplyRedirect, ApplyDirectResponse); Envoy RouteEntryImplBase::newUri: what a redirect does not
// name, it takes from the request, the query included.

import type { HttpMatch, HttpRoute } from '../../read/kinds/virtual-service.ts';
import type { CallView } from '../match/call.ts';
import { compileRewrite } from './rewrite.ts';

export interface OwnAnswer {
  readonly httpStatus: number;
  readonly body?: string;
  /** Where a redirect leads. */
  readonly location?: (call: CallView) => string;
}

const PREFIX = '%PREFIX()%';
const MOVED_PERMANENTLY = 301;

export function compileOwnAnswer(route: HttpRoute, match: HttpMatch | undefined): OwnAnswer | undefined {
  if (route.directResponse !== undefined) {
    const { status, body } = route.directResponse;
    const text = body?.string ?? (body?.bytes === undefined ? undefined : Buffer.from(body.bytes, 'base64').toString());
    return { httpStatus: status, ...(text === undefined ? {} : { body: text }) };
  }
  const { redirect } = route;
  if (redirect === undefined) return undefined;
  const { authority, uri, scheme, port, redirectCode = MOVED_PERMANENTLY } = redirect;
  // `%PREFIX()%/new` exchanges the matched beginning alone.
  const byPrefix = uri?.startsWith(PREFIX) === true;
  const prefixed = byPrefix ? compileRewrite({ uri: uri.slice(PREFIX.length) }, match) : undefined;
  const fixed = byPrefix ? undefined : uri;
  const location = (call: CallView): string => {
    const host = authority ?? (port === undefined ? call.authority : call.host);
    const wanted = scheme ?? call.scheme;
    // The port that a scheme has anyway is not written.
    const shown = port === (wanted === 'https' ? 443 : 80) ? undefined : port;
    const query = call.path.indexOf('?');
    const kept = query < 0 || fixed?.includes('?') === true ? '' : call.path.slice(query);
    const path = fixed === undefined ? (prefixed?.(call.path) ?? call.path) : fixed + kept;
    return `${wanted}://${host}${shown === undefined ? '' : `:${shown}`}${path}`;
  };
  return { httpStatus: redirectCode, location };
}
