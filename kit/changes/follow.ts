// What follows a list that grows: reads on after the last row that was given, at every change.
// However slow the reader is, no row is left out and none comes twice.

/** Rows that are read at once. */
const batch = 100;

/**
 * Yields the rows after a sequence number, then those that come, in their order. Ends with `changes`.
 *
 * @param changes `context.changes(topic)`, whose topic every unit of work that adds rows names
 * @param sequence number after which rows are given
 * @param read the rows after a number, oldest first, at most `limit`
 */
export async function* follow<R extends { readonly sequence: number }>(
  changes: AsyncIterable<unknown>,
  sequence: number,
  read: (after: number, limit: number) => Promise<readonly R[]>,
): AsyncGenerator<R, void, void> {
  let last = sequence;
  for await (const _ of changes) {
    for (let full = true; full; ) {
      const rows = await read(last, batch);
      full = rows.length >= batch;
      for (const row of rows) {
        yield row;
        last = row.sequence;
      }
    }
  }
}
