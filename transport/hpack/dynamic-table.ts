// RFC 7541 section 2.3.2 and 4: a first-in first-out table bounded by octets, 32 of overhead an entry.
// Entries sit in a ring of parallel arrays, so that inserting allocates nothing once the ring has grown.

/** Overhead that RFC 7541 section 4.1 counts for every entry. */
export const ENTRY_OVERHEAD = 32;

export class DynamicTable {
  /** Entries at present. */
  length = 0;
  /** Octets at present, overheads included. */
  size = 0;
  /** Entries ever inserted; an entry's absolute number is the value before its insertion. */
  inserted = 0;
  /** Octets allowed; see `resize`. */
  capacity: number;
  #names: string[] = new Array<string>(32).fill('');
  #values: string[] = new Array<string>(32).fill('');
  #flags: Uint8Array = new Uint8Array(32);
  readonly #onEvict: ((absolute: number, name: string, value: string) => void) | undefined;

  constructor(capacity: number, onEvict?: (absolute: number, name: string, value: string) => void) {
    this.capacity = capacity;
    this.#onEvict = onEvict;
  }

  /** Name of the entry inserted `back` insertions ago (0 is the newest). The caller checks `back < length`. */
  name(back: number): string {
    return this.#names[(this.inserted - 1 - back) & (this.#names.length - 1)] as string;
  }

  value(back: number): string {
    return this.#values[(this.inserted - 1 - back) & (this.#names.length - 1)] as string;
  }

  /** What the inserter noted about the entry. */
  flag(back: number): number {
    return this.#flags[(this.inserted - 1 - back) & (this.#names.length - 1)] as number;
  }

  /** Inserts, evicting the oldest; an entry larger than the table empties it and is not kept (section 4.4). */
  insert(name: string, value: string, flag: number): boolean {
    const size = name.length + value.length + ENTRY_OVERHEAD;
    while (this.length > 0 && this.size + size > this.capacity) this.#evict();
    if (size > this.capacity) return false;
    if (this.length === this.#names.length) this.#grow();
    const slot = this.inserted & (this.#names.length - 1);
    this.#names[slot] = name;
    this.#values[slot] = value;
    this.#flags[slot] = flag;
    this.inserted++;
    this.length++;
    this.size += size;
    return true;
  }

  /** Changes the bound, evicting what no longer fits (section 4.3). */
  resize(capacity: number): void {
    this.capacity = capacity;
    while (this.size > capacity) this.#evict();
  }

  #evict(): void {
    const absolute = this.inserted - this.length;
    const slot = absolute & (this.#names.length - 1);
    const name = this.#names[slot] as string;
    const value = this.#values[slot] as string;
    this.size -= name.length + value.length + ENTRY_OVERHEAD;
    this.length--;
    this.#names[slot] = '';
    this.#values[slot] = '';
    this.#onEvict?.(absolute, name, value);
  }

  #grow(): void {
    const capacity = this.#names.length * 2;
    const names = new Array<string>(capacity).fill('');
    const values = new Array<string>(capacity).fill('');
    const flags = new Uint8Array(capacity);
    for (let back = 0; back < this.length; back++) {
      const slot = (this.inserted - 1 - back) & (capacity - 1);
      names[slot] = this.name(back);
      values[slot] = this.value(back);
      flags[slot] = this.flag(back);
    }
    this.#names = names;
    this.#values = values;
    this.#flags = flags;
  }
}
