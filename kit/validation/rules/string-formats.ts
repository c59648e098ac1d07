// Well-known formats of strings. Each is checked in time linear in the text, without expressions that backtrack.
// Sources: RFC 1123 (host names), RFC 3986 (URIs), WHATWG's e-mail grammar (what browsers accept), RFC 9562 (UUIDs).
import { isIP, isIPv4, isIPv6 } from 'node:net';

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const labelPattern = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;
const localPartPattern = /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}$/i;
const uriCharacters = /^([a-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9a-f]{2})*$/i;
const schemePattern = /^[a-z][a-z0-9+.-]*:/i;

function isHostname(text: string): boolean {
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  if (name.length === 0 || name.length > 253) return false;
  const labels = name.split('.');
  // A last label of digits would be taken for an IPv4 address.
  return labels.every((label) => labelPattern.test(label)) && !/^\d+$/.test(labels.at(-1) ?? '');
}

function isEmail(text: string): boolean {
  const at = text.lastIndexOf('@');
  if (at < 1 || text.length > 254) return false;
  const domain = text.slice(at + 1).split('.');
  return localPartPattern.test(text.slice(0, at)) && domain.every((label) => labelPattern.test(label));
}

function isUri(text: string): boolean {
  return schemePattern.test(text) && uriCharacters.test(text) && URL.canParse(text);
}

function isUriReference(text: string): boolean {
  return uriCharacters.test(text) && (schemePattern.test(text) ? isUri(text) : URL.canParse(text, 'http://base/'));
}

/** A format and how its violation is described. */
export interface StringFormat {
  readonly matches: (text: string) => boolean;
  readonly description: string;
}

/** Formats by the name of their rule. */
export const stringFormats: Readonly<Record<string, StringFormat>> = {
  email: { matches: isEmail, description: 'must be an e-mail address' },
  hostname: { matches: isHostname, description: 'must be a host name' },
  ip: { matches: (text) => isIP(text) !== 0, description: 'must be an IP address' },
  ipv4: { matches: isIPv4, description: 'must be an IPv4 address' },
  ipv6: { matches: isIPv6, description: 'must be an IPv6 address' },
  uri: { matches: isUri, description: 'must be an absolute URI' },
  uri_ref: { matches: isUriReference, description: 'must be a URI or a relative reference' },
  address: {
    matches: (text) => isIP(text) !== 0 || isHostname(text),
    description: 'must be a host name or an IP address',
  },
  uuid: { matches: (text) => uuidPattern.test(text), description: 'must be a UUID' },
};
