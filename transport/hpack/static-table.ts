// RFC 7541 appendix A: the 61 fields both ends know from the start, with look-ups for the encoder.
// HPACK indices begin at 1, so position 0 of the arrays is an empty placeholder.

/** Number of entries in the static table; the dynamic table's first index is one more. */
export const STATIC_LENGTH = 61;

const FIELDS =
  ':authority|:method=GET|:method=POST|:path=/|:path=/index.html|:scheme=http|:scheme=https|:status=200|:status=204|' +
  ':status=206|:status=304|:status=400|:status=404|:status=500|accept-charset|accept-encoding=gzip, deflate|' +
  'accept-language|accept-ranges|accept|access-control-allow-origin|age|allow|authorization|cache-control|' +
  'content-disposition|content-encoding|content-language|content-length|content-location|content-range|content-type|' +
  'cookie|date|etag|expect|expires|from|host|if-match|if-modified-since|if-none-match|if-range|if-unmodified-since|' +
  'last-modified|link|location|max-forwards|proxy-authenticate|proxy-authorization|range|referer|refresh|retry-after|' +
  'server|set-cookie|strict-transport-security|transfer-encoding|user-agent|vary|via|www-authenticate';

/** Field names by index. */
export const STATIC_NAMES: readonly string[] = ['', ...FIELDS.split('|').map((field) => field.split('=')[0] ?? '')];

/** Field values by index; empty where the table gives a name only. */
export const STATIC_VALUES: readonly string[] = ['', ...FIELDS.split('|').map((field) => field.split('=')[1] ?? '')];

/** First index that carries a name. */
export const STATIC_NAME_INDEX: ReadonlyMap<string, number> = firstIndices();

function firstIndices(): Map<string, number> {
  const found = new Map<string, number>();
  for (const [index, name] of STATIC_NAMES.entries()) {
    if (index > 0 && !found.has(name)) found.set(name, index);
  }
  return found;
}

/** Index of a full match, or 0. Only names with several entries make more than one comparison. */
export function staticMatch(name: string, value: string): number {
  let index = STATIC_NAME_INDEX.get(name);
  if (index === undefined) return 0;
  for (; STATIC_NAMES[index] === name; index++) {
    if (STATIC_VALUES[index] === value) return index;
  }
  return 0;
}
