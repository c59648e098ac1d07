// RFC 9113 section 8: which field lists make a request, a response or trailers. Everything else is malformed,
// a stream error of type PROTOCOL_ERROR, so that no request can be read in two ways behind a proxy.
import type { HeaderList } from '../../hpack/decoder.ts';
import { legalName, legalValue } from '../../hpack/decoder.ts';

const METHOD = 1;
const SCHEME = 2;
const AUTHORITY = 4;
const PATH = 8;
const STATUS = 16;
const PROTOCOL = 32;

/** Content length that the last checked list declared, or -1. */
export let declaredLength = -1;

/** Whether the regular field may stand in HTTP/2 (section 8.2.2), noting the content length on the way. */
function regular(name: string, value: string): boolean {
  switch (name) {
    case 'connection':
    case 'keep-alive':
    case 'proxy-connection':
    case 'transfer-encoding':
    case 'upgrade':
      return false;
    case 'te':
      return value === 'trailers';
    case 'content-length': {
      const length = /^[0-9]{1,15}$/.test(value) ? Number(value) : -1;
      if (length < 0 || (declaredLength >= 0 && declaredLength !== length)) return false;
      declaredLength = length;
      return true;
    }
    default:
      return true;
  }
}

function pseudo(name: string): number {
  switch (name) {
    case ':method':
      return METHOD;
    case ':scheme':
      return SCHEME;
    case ':authority':
      return AUTHORITY;
    case ':path':
      return PATH;
    case ':status':
      return STATUS;
    case ':protocol':
      return PROTOCOL;
    default:
      return 0;
  }
}

/** Pseudo-header fields of the list as a set of bits, or -1 when a rule is broken. */
function check(headers: HeaderList): number {
  declaredLength = -1;
  let seen = 0;
  let regularBegun = false;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if (name.charCodeAt(0) === 0x3a) {
      const bit = pseudo(name);
      if (regularBegun || bit === 0 || (seen & bit) !== 0) return -1;
      seen |= bit;
    } else {
      regularBegun = true;
      if (!regular(name, headers[i + 1] as string)) return -1;
    }
  }
  return seen;
}

/** The value of `name`, or `undefined`. */
export function headerValue(headers: HeaderList, name: string): string | undefined {
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i] === name) return headers[i + 1];
  }
  return undefined;
}

/** Section 8.3.1. CONNECT has an authority and neither scheme nor path, unless RFC 8441's :protocol is there. */
export function isRequest(headers: HeaderList): boolean {
  const seen = check(headers);
  if (seen < 0 || (seen & METHOD) === 0 || (seen & STATUS) !== 0) return false;
  if (headerValue(headers, ':method') === 'CONNECT' && (seen & PROTOCOL) === 0) {
    return (seen & AUTHORITY) !== 0 && (seen & (SCHEME | PATH)) === 0;
  }
  return (seen & (SCHEME | PATH)) === (SCHEME | PATH) && headerValue(headers, ':path') !== '';
}

/** The status of a response (section 8.3.2), or -1 when the list is none. */
export function responseStatus(headers: HeaderList): number {
  if (check(headers) !== STATUS) return -1;
  const status = headerValue(headers, ':status') ?? '';
  return /^[1-9][0-9]{2}$/.test(status) ? Number(status) : -1;
}

/** Section 8.1: trailers carry no pseudo-header fields. */
export function isTrailers(headers: HeaderList): boolean {
  return check(headers) === 0;
}

/** Values from this length on are remembered once they were found legal: a caller's token goes out with each of its calls. */
const LONG_VALUE = 64;
let legalLongValue = '';

function sendableValue(value: string): boolean {
  if (value === legalLongValue) return true;
  if (!legalValue(value) && !legalValue(value.trim())) return false;
  if (value.length >= LONG_VALUE) legalLongValue = value;
  return true;
}

/** Throws for metadata that must not be sent: fields from user input could otherwise break the peer's rules. */
export function assertSendable(headers: readonly string[]): void {
  if (headers.length % 2 !== 0) throw new TypeError('a header list needs a value for every name');
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    const value = headers[i + 1] as string;
    if (!legalName(name) || name.startsWith(':'))
      throw new TypeError(`"${name}" is no legal field name in HTTP/2: use lower-case visible ASCII`);
    if (!sendableValue(value)) {
      throw new TypeError(`the value of "${name}" has characters that a field cannot carry: encode it first`);
    }
  }
}
