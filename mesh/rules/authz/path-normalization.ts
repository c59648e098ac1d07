// One form for every path before policies look at it, and before it goes on: a policy and the service see the same path.
// Source: Istio ProxyPathNormalization (BASE is the default), Envoy normalize_path, merge_slashes, path_with_escaped_slashes_action.

import type { PathNormalization } from '../read/kinds/mesh-config.ts';

const UNRESERVED = /^[A-Za-z0-9._~-]$/;

/** Undefined: the path cannot be normalised and the call is refused (400), as Envoy does. */
export function normalizePath(whole: string, mode: PathNormalization): string | undefined {
  if (!whole.startsWith('/') || /[\0-\x20\x7f#]/.test(whole)) return undefined;
  if (mode === 'NONE') return whole;
  const query = whole.indexOf('?');
  let path = query < 0 ? whole : whole.slice(0, query);
  if (mode === 'DECODE_AND_MERGE_SLASHES') path = path.replaceAll(/%2f|%5c/gi, '/');
  const decoded = decodeUnreserved(path);
  if (decoded === undefined) return undefined;
  path = removeDotSegments(decoded.replaceAll('\\', '/'));
  if (mode !== 'BASE') path = path.replaceAll(/\/{2,}/g, '/');
  return query < 0 ? path : `${path}${whole.slice(query)}`;
}

function decodeUnreserved(path: string): string | undefined {
  if (!path.includes('%')) return path;
  if (/%(?![0-9A-Fa-f]{2})/.test(path) || /%00/.test(path)) return undefined;
  return path.replaceAll(/%[0-9A-Fa-f]{2}/g, (encoded) => {
    const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
    return UNRESERVED.test(character) ? character : encoded;
  });
}

/** RFC 3986, 5.2.4. */
function removeDotSegments(path: string): string {
  if (!path.includes('/.')) return path;
  const output: string[] = [];
  const segments = path.split('/').slice(1);
  segments.forEach((segment, index) => {
    const last = index === segments.length - 1;
    if (segment === '..') output.pop();
    else if (segment !== '.') output.push(segment);
    if (last && (segment === '.' || segment === '..')) output.push('');
  });
  return `/${output.join('/')}`;
}
