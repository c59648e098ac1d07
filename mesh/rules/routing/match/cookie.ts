// One cookie of a call, without the quotes that may stand around it. Source: RFC 6265, 4.2.1; Envoy Http::Utility::parseCookieValue.

import type { CallView } from './call.ts';

/** Several Cookie fields read as one, with commas between them. */
export function cookieValue(call: CallView, name: string): string | undefined {
  for (const each of (call.headers.get('cookie') ?? '').split(/[;,]/)) {
    const equals = each.indexOf('=');
    if (equals < 0 || each.slice(0, equals).trim() !== name) continue;
    const value = each.slice(equals + 1).trim();
    return value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
  }
  return undefined;
}
