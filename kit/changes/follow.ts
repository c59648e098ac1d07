// What follows a list that grows: reads on after the last row that was given, at every change.
// However slow the reader is, no row is left out and none comes twice.

/** Rows that are read at once. */
const batch = 100;

/** Rows with the numbers that order them. */
type Numbered = { readonly sequence: number };

/** Reads the rows after a number, oldest first, at most `limit`. */
export type ReadAfter<R extends Numbered> = (after: number, limit: number) => Promise<readonly R[]>;

/** Yields all rows after a sequence number, read in batches. */
export async function* rowsAfter<R extends Numbered>(
  sequence: number,
  read: ReadAfter<R>,
): AsyncGenerator<R, void, void> {
  let last = sequence;
  for (let full = true; full; ) {
    const rows = await read(last, batch);
    full = rows.length >= batch;
    yield* rows;
    last = rows.at(-1)?.sequence ?? last;
  }
}

/**
 * Yields the rows after a sequence number, then those that come, in their order. Ends with `changes`.
 *
 * @param changes `context.changes(topic)`, whose topic every unit of work that adds rows names
 */
export async function* follow<R extends Numbered>(
  changes: AsyncIterable<unknown>,
  sequence: number,
  read: ReadAfter<R>,
): AsyncGenerator<R, void, void> {
  let last = sequence;
  for await (const _ of changes) {
    for await (const row of rowsAfter(last, read)) {
      yield row;
      last = row.sequence;
    }
  }
}
