// Which fields of an HTTP/1.1 message go on to the next hop: those that are not about this connection.
// Source: RFC 9110, 7.6.1; RFC 9112, 9.6. `expect` goes on: the service answers 100 (Continue).

const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]);

/** What a Connection field must not name: such a request would be read in another way behind us. */
const NEVER_NAMED: ReadonlySet<string> = new Set(['host', 'content-length']);

/** What would change where a request goes or seems to come from: Envoy refuses a Connection field that names one. */
const REFUSED: ReadonlySet<string> = new Set(['host', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto']);

/** Does a Connection field name what no client may take out of its request? */
export function namesForbidden(connection: string): boolean {
  const names = connection.toLowerCase().split(',');
  return names.some((each) => REFUSED.has(each.trim()) || each.trim().startsWith(':'));
}

/** Of codings of the transfer only `trailers` goes on, as in Envoy and HTTP/2 (RFC 9113, 8.2.2). */
const TE = 'te';
const TRAILERS = 'trailers';
const takesTrailers = (value: string): boolean =>
  value.split(',').some((each) => each.trim().toLowerCase() === TRAILERS);

/**
 * @param raw - as Node gives them: [name, value, ...], names as they were written.
 * @returns the same without what is about this hop, names in lower case.
 */
export function endToEndFields(raw: readonly string[]): string[] {
  let named: Set<string> | undefined;
  for (let i = 0; i < raw.length; i += 2)
    if (raw[i]?.toLowerCase() === 'connection')
      for (const each of (raw[i + 1] ?? '').split(',')) {
        const name = each.trim().toLowerCase();
        if (!NEVER_NAMED.has(name)) named = (named ?? new Set()).add(name);
      }
  const fields: string[] = [];
  for (let i = 0; i < raw.length; i += 2) {
    const name = (raw[i] ?? '').toLowerCase();
    if (name === TE) {
      if (takesTrailers(raw[i + 1] ?? '')) fields.push(TE, TRAILERS);
    } else if (!HOP_BY_HOP.has(name) && named?.has(name) !== true) fields.push(name, trimmed(raw[i + 1] ?? ''));
  }
  return fields;
}

/** Without the white space that may stand around a value: blanks and tabs, not what else Unicode calls one. */
export function trimmed(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && isBlank(value.charCodeAt(start))) start++;
  while (end > start && isBlank(value.charCodeAt(end - 1))) end--;
  return start === 0 && end === value.length ? value : value.slice(start, end);
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;

/** A header list of HTTP/2 as fields of HTTP/1.1: no pseudo-fields, nothing about a hop. */
export function withoutPseudo(headers: readonly string[]): string[] {
  const fields: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? '';
    if (!name.startsWith(':') && !HOP_BY_HOP.has(name)) fields.push(name, headers[i + 1] ?? '');
  }
  return fields;
}
