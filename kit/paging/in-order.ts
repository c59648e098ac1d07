// Batch reads answer in the order of the request and name what is not there (AIP-231, but unknown ids are no error).
// Ids are compared in lower case, as PostgreSQL gives UUIDs back.

/** What a batch read found. */
export interface InOrder<R> {
  /** In the order of the ids. */
  readonly found: R[];
  /** Ids without a row, as they were asked for. */
  readonly missing: string[];
}

/** Puts rows in the order of the ids that were asked for. */
export function inOrder<R>(ids: readonly string[], rows: readonly R[], idOf: (row: R) => string): InOrder<R> {
  const byId = new Map(rows.map((row) => [idOf(row), row]));
  const found: R[] = [];
  const missing: string[] = [];
  for (const id of ids) {
    const row = byId.get(id.toLowerCase());
    if (row === undefined) missing.push(id);
    else found.push(row);
  }
  return { found, missing };
}
