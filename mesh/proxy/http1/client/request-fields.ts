// The head of an HTTP/1.1 request as the mesh's header list, or why there is none. Node's parser has refused what is no
// HTTP/1.1 at all; what is left here can still be read in two ways, or is more than Envoy takes at an edge.
// Sources: RFC 9112, 3.2.2 (absolute form), 6.1 (transfer codings); Envoy HttpConnectionManager (max_headers_count 100,
// no HTTP/1.0; a fragment, which no client should send, is cut off).

import type { IncomingMessage } from 'node:http';
import { endToEndFields, namesForbidden } from '../end-to-end-fields.ts';
import { isUpgradeField, isUpgradeTaken } from '../upgrade-fields.ts';

const MOST_FIELDS = 100;
const VISIBLE = /^[\x21-\x7e]+$/;

export type RequestFields =
  | { readonly fields: string[]; readonly refused?: undefined }
  | { readonly refused: number; readonly why: string };

const refuse = (refused: number, why: string): RequestFields => ({ refused, why });

export function requestFields(request: IncomingMessage): RequestFields {
  const { rawHeaders, headers, method = '', url = '' } = request;
  if (request.httpVersion !== '1.1') return refuse(426, 'this version of HTTP is not spoken here');
  if (rawHeaders.length > 2 * MOST_FIELDS) return refuse(431, `more than ${MOST_FIELDS} header fields`);
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length;
  if (hosts > 1) return refuse(400, 'more than one Host');
  // Node's parser knows one method more than Envoy's.
  if (method === 'QUERY') return refuse(400, 'QUERY is not let through by Envoy');
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && coding.toLowerCase() !== 'chunked')
    return refuse(501, 'a transfer coding other than chunked');
  const connection = headers.connection ?? '';
  if (namesForbidden(connection))
    return refuse(400, 'Connection names a field that says where the request goes or comes from');
  if (headers.upgrade !== undefined && /\bupgrade\b/i.test(connection) && !isUpgradeTaken(headers.upgrade))
    return refuse(403, 'no other protocol than websocket is carried');
  if (method === 'OPTIONS' && url === '*') return refuse(404, 'the gateway as a whole has no options');
  const [withoutFragment = ''] = url.split('#', 1);
  const target = splitTarget(withoutFragment, headers.host ?? '');
  if (target === undefined) return refuse(400, 'the request target is neither a path nor an http URL');
  const fields = [':method', method, ':scheme', 'http', ':authority', target.authority, ':path', target.path];
  const rest = endToEndFields(rawHeaders);
  for (let i = 0; i < rest.length; i += 2) {
    const name = rest[i] ?? '';
    if (name !== 'host' && !isUpgradeField(name)) fields.push(name, rest[i + 1] ?? '');
  }
  return { fields };
}

/** The target's own host wins over the Host field (RFC 9112, 3.2.2). */
function splitTarget(url: string, host: string): { readonly authority: string; readonly path: string } | undefined {
  if (!VISIBLE.test(url) || !VISIBLE.test(host)) return undefined;
  if (url.startsWith('/')) return { authority: host, path: url };
  const absolute = /^https?:\/\/([^/?]+)(.*)$/i.exec(url);
  if (absolute === null) return undefined;
  const [, authority = '', rest = ''] = absolute;
  return { authority, path: rest.startsWith('/') ? rest : `/${rest}` };
}
