// The calling workload as the mesh verified it: the SPIFFE URI in Envoy's `x-forwarded-client-cert`.
// Each proxy appends an element, so the last one is the direct peer; what stands before it is hearsay.

/** SPIFFE id of the direct peer, or undefined outside a mesh. */
export function peerIdentity(header: string | undefined): string | undefined {
  if (header === undefined || header === '') return undefined;
  const last = split(header, ',').at(-1) ?? '';
  for (const pair of split(last, ';')) {
    const equals = pair.indexOf('=');
    if (pair.slice(0, equals).trim().toLowerCase() !== 'uri') continue;
    const uri = pair
      .slice(equals + 1)
      .trim()
      .replace(/^"(.*)"$/, '$1');
    if (uri.startsWith('spiffe://')) return uri;
  }
  return undefined;
}

/** Splits at separators outside double quotes: subjects contain commas. */
function split(text: string, separator: string): string[] {
  const parts: string[] = [];
  let quoted = false;
  let start = 0;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (character === '\\' && quoted) index += 1;
    else if (character === '"') quoted = !quoted;
    else if (character === separator && !quoted) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}
