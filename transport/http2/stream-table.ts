// The open streams of a connection by their id: buckets whose entries are linked through the streams themselves.
// Not a Map: one whose entries come and go is rebuilt every few calls, and each abandoned table points to its successor, so
// that once one of them is old, the collector carries every later table, stream and message along until its next full pass.
import type { Http2Stream } from './stream.ts';

const FEWEST = 64;
/** A table that grew beyond this gives its memory back when it is empty. */
const LARGEST_KEPT = 4_096;

export class StreamTable {
  /** Streams at present. */
  size = 0;
  #buckets: (Http2Stream | undefined)[] = buckets(FEWEST);

  get(id: number): Http2Stream | undefined {
    // Ids of one side are every other number.
    let stream = this.#buckets[(id >>> 1) & (this.#buckets.length - 1)];
    while (stream !== undefined && stream.id !== id) stream = stream.nextInTable;
    return stream;
  }

  /** Enters a stream whose id is not in the table. */
  add(stream: Http2Stream): void {
    if (this.size === this.#buckets.length) this.#grow();
    this.#link(stream);
    this.size++;
  }

  /** Takes the stream out; false when it is not in. */
  delete(stream: Http2Stream): boolean {
    const index = (stream.id >>> 1) & (this.#buckets.length - 1);
    let before: Http2Stream | undefined;
    let found = this.#buckets[index];
    while (found !== undefined && found !== stream) {
      before = found;
      found = found.nextInTable;
    }
    if (found === undefined) return false;
    if (before === undefined) this.#buckets[index] = stream.nextInTable;
    else before.nextInTable = stream.nextInTable;
    stream.nextInTable = undefined;
    this.size--;
    if (this.size === 0 && this.#buckets.length > LARGEST_KEPT) this.#buckets = buckets(FEWEST);
    return true;
  }

  /** All streams as they are now: the table may change while they are walked. */
  values(): Http2Stream[] {
    const all: Http2Stream[] = [];
    for (const first of this.#buckets) {
      for (let stream = first; stream !== undefined; stream = stream.nextInTable) all.push(stream);
    }
    return all;
  }

  #link(stream: Http2Stream): void {
    const index = (stream.id >>> 1) & (this.#buckets.length - 1);
    stream.nextInTable = this.#buckets[index];
    this.#buckets[index] = stream;
  }

  #grow(): void {
    const all = this.values();
    this.#buckets = buckets(this.#buckets.length * 2);
    for (const stream of all) this.#link(stream);
  }
}

function buckets(count: number): (Http2Stream | undefined)[] {
  return new Array<Http2Stream | undefined>(count).fill(undefined);
}
