// Things in the order in which they were added, linked through themselves: adding and removing costs no object.
// Not a Set: one whose entries come and go with every call is rebuilt every few calls, and the collector carries its abandoned
// tables along (see transport/http2/stream-table.ts).

/** Something that one list can hold. The three fields belong to the list. */
export interface Linked {
  before: Linked | undefined;
  after: Linked | undefined;
  listed: boolean;
}

/** A list of things of one kind. */
export class LinkedList<T extends Linked> {
  /** How many there are. */
  size = 0;
  #last: Linked | undefined;

  add(item: T): void {
    if (item.listed) return;
    item.listed = true;
    item.before = this.#last;
    if (this.#last !== undefined) this.#last.after = item;
    this.#last = item;
    this.size++;
  }

  delete(item: T): void {
    if (!item.listed) return;
    const { before, after } = item;
    if (before !== undefined) before.after = after;
    if (after !== undefined) after.before = before;
    else this.#last = before;
    item.before = undefined;
    item.after = undefined;
    item.listed = false;
    this.size--;
  }

  /** All of them as they are now, the newest first: the list may change while they are walked. */
  all(): T[] {
    const items: T[] = [];
    for (let item = this.#last; item !== undefined; item = item.before) items.push(item as T);
    return items;
  }
}
