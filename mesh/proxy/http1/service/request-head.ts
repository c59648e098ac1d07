// The head of a request as HTTP/1.1 writes it: Host first, and how long the body is.

import { type HeaderList, headerValue } from '#transport';
import { withoutPseudo } from '../end-to-end-fields.ts';
import { isUpgradeField, WEB_SOCKET } from '../upgrade-fields.ts';

/** What a line of a head may hold; the end of a line in a value would begin another field, or another request. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const NO_TARGET = /[^\x21-\xff]/;
const NO_VALUE = /[^\t\x20-\x7e\x80-\xff]/;
/** Where a body is expected, none is one of length 0; elsewhere nothing is said of it (RFC 9110, 8.6). */
const EXPECTS_BODY = new Set(['POST', 'PUT', 'PATCH']);
const LENGTH = /^[0-9]{1,15}$/;

export interface RequestHead {
  readonly text: string;
  /** Octets of the body that was announced; undefined where it goes in chunks. */
  readonly length: number | undefined;
}

/**
 * @param ended - there is no body.
 * @throws TypeError when a field could not be written without becoming another one.
 */
export function requestHead(headers: HeaderList, ended: boolean, upgrade: boolean): RequestHead {
  const method = headerValue(headers, ':method') ?? 'GET';
  const target = headerValue(headers, ':path') ?? '/';
  const host = headerValue(headers, ':authority') ?? headerValue(headers, 'host') ?? 'localhost';
  if (!TOKEN.test(method) || NO_TARGET.test(target) || NO_VALUE.test(host)) throw new TypeError('no request line');
  let text = `${method} ${target} HTTP/1.1\r\nhost: ${host}\r\n`;
  let length: number | undefined;
  const fields = withoutPseudo(headers);
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] ?? '';
    const value = fields[i + 1] ?? '';
    if (name === 'host' || isUpgradeField(name)) continue;
    if (!TOKEN.test(name) || NO_VALUE.test(value)) throw new TypeError(`the field ${name} cannot be written`);
    if (name === 'content-length') {
      if (length !== undefined || !LENGTH.test(value)) throw new TypeError('two lengths, or none');
      length = Number(value);
    }
    text += `${name}: ${value}\r\n`;
  }
  if (upgrade) text += `connection: Upgrade\r\nupgrade: ${WEB_SOCKET}\r\n`;
  else if (length === undefined && !ended) text += 'transfer-encoding: chunked\r\n';
  else if (length === undefined) {
    length = 0;
    if (EXPECTS_BODY.has(method)) text += 'content-length: 0\r\n';
  }
  if (ended && length !== 0 && !upgrade) throw new TypeError('a body was announced, and does not come');
  return { text: `${text}\r\n`, length };
}
