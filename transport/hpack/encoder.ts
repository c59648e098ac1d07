// RFC 7541 section 6, written for calls that repeat: a template costs one copy, a changing value costs one literal.
// A value enters the table when it is seen a second time, so that ids and deadlines do not push out what repeats.
import { DynamicTable, ENTRY_OVERHEAD } from './dynamic-table.ts';
import type { HeaderTemplate } from './header-template.ts';
import { huffmanEncode, huffmanLength } from './huffman.ts';
import { STATIC_LENGTH, STATIC_NAME_INDEX, staticMatch } from './static-table.ts';

interface CachedTemplate {
  bytes: Buffer;
  generation: number;
}

/** Credentials are sent as literals that no hop may index (RFC 7541 section 7.1.3). */
const NEVER_INDEXED: ReadonlySet<string> = new Set(['authorization', 'proxy-authorization', 'cookie', 'set-cookie']);
const LARGEST_INDEXED = 1024;
const RECENT = 64;

export class HpackEncoder {
  /** Holds the block being built; valid up to `length` until the next `begin`. */
  buffer: Buffer = Buffer.allocUnsafeSlow(1024);
  /** Octets of the block so far. */
  length = 0;
  readonly #table: DynamicTable;
  readonly #maximumCapacity: number;
  readonly #byName = new Map<string, Map<string, number>>();
  readonly #newestOfName = new Map<string, number>();
  readonly #templates = new Map<HeaderTemplate, CachedTemplate>();
  // Values seen once, direct mapped by a cheap hash: a second sight earns a place in the table.
  readonly #recentNames: string[] = new Array<string>(RECENT).fill('');
  readonly #recentValues: string[] = new Array<string>(RECENT).fill('');
  #updates: number[] = [];
  #resizes = 0;

  /** @param maximumCapacity octets of table that we are willing to keep, whatever the peer allows. */
  constructor(maximumCapacity: number) {
    this.#maximumCapacity = maximumCapacity;
    this.#table = new DynamicTable(Math.min(4096, maximumCapacity), (absolute, name, value) =>
      this.#forget(absolute, name, value),
    );
    if (maximumCapacity < 4096) this.#updates.push(maximumCapacity);
  }

  /** Octets in the dynamic table, for tests. */
  get tableSize(): number {
    return this.#table.size;
  }

  /** The peer's SETTINGS_HEADER_TABLE_SIZE; announced at the start of the next block (RFC 7541 section 4.2). */
  limitTable(octets: number): void {
    const capacity = Math.min(octets, this.#maximumCapacity);
    if (capacity === this.#table.capacity) return;
    this.#table.resize(capacity);
    this.#resizes++;
    // When it went down and up between two blocks, both the smallest and the last size are sent.
    const smallest = Math.min(...this.#updates, capacity);
    this.#updates = smallest < capacity ? [smallest, capacity] : [capacity];
  }

  /** Starts a block. */
  begin(): void {
    this.length = 0;
    if (this.#updates.length > 0) {
      this.#reserve(16);
      for (const capacity of this.#updates) this.#integer(0x20, 0x1f, capacity);
      this.#updates = [];
    }
  }

  /** Appends a template's fields. */
  template(template: HeaderTemplate): void {
    const generation = this.#table.inserted + this.#resizes;
    const known = this.#templates.get(template);
    if (known !== undefined && known.generation === generation) {
      this.#reserve(known.bytes.length);
      const { bytes } = known;
      for (let i = 0; i < bytes.length; i++) this.buffer[this.length + i] = bytes[i] as number;
      this.length += bytes.length;
      return;
    }
    const start = this.length;
    const { fields } = template;
    for (let i = 0; i < fields.length; i += 2) this.#field(fields[i] as string, fields[i + 1] as string, true);
    if (generation !== this.#table.inserted + this.#resizes) return;
    const bytes = Buffer.from(this.buffer.subarray(start, this.length));
    if (known !== undefined) {
      known.bytes = bytes;
      known.generation = generation;
    } else {
      if (this.#templates.size >= 1024) this.#templates.clear();
      this.#templates.set(template, { bytes, generation });
    }
  }

  /** Appends one field. The caller has checked that name and value are legal. */
  field(name: string, value: string): void {
    this.#field(name, value, false);
  }

  /** Appends a field as a literal that no hop may index. */
  sensitive(name: string, value: string): void {
    this.#literal(0x10, 0x0f, this.#nameIndex(name), name, value, false);
  }

  /** Appends a whole list; names in `never` keep their mark, as a proxy has to (RFC 7541 section 6.2.3). */
  list(headers: readonly string[], never?: readonly string[]): void {
    for (let i = 0; i < headers.length; i += 2) {
      const name = headers[i] as string;
      if (never?.includes(name)) this.sensitive(name, headers[i + 1] as string);
      else this.#field(name, headers[i + 1] as string, false);
    }
  }

  #field(name: string, value: string, repeats: boolean): void {
    const absolute = this.#byName.get(name)?.get(value);
    if (absolute !== undefined) {
      this.#reserve(8);
      this.#integer(0x80, 0x7f, this.#table.inserted - 1 - absolute + STATIC_LENGTH + 1);
      return;
    }
    const full = staticMatch(name, value);
    if (full !== 0) {
      this.#reserve(8);
      this.#integer(0x80, 0x7f, full);
      return;
    }
    if (NEVER_INDEXED.has(name)) {
      this.sensitive(name, value);
      return;
    }
    const index = this.#nameIndex(name);
    const size = name.length + value.length + ENTRY_OVERHEAD;
    // A name that no table knows is inserted at once: later values then cost no name.
    const worth = repeats || index === 0 || this.#seenBefore(name, value);
    if (worth && size <= LARGEST_INDEXED && size <= this.#table.capacity) {
      this.#literal(0x40, 0x3f, index, name, value, true);
      this.#remember(name, value);
    } else {
      this.#literal(0x00, 0x0f, index, name, value, repeats);
    }
  }

  #nameIndex(name: string): number {
    const fixed = STATIC_NAME_INDEX.get(name);
    if (fixed !== undefined) return fixed;
    const absolute = this.#newestOfName.get(name);
    return absolute === undefined ? 0 : this.#table.inserted - 1 - absolute + STATIC_LENGTH + 1;
  }

  #seenBefore(name: string, value: string): boolean {
    const length = value.length;
    const last = length > 0 ? value.charCodeAt(length - 1) : 0;
    const slot = (name.length * 7 + length * 31 + last) & (RECENT - 1);
    if (this.#recentValues[slot] === value && this.#recentNames[slot] === name) return true;
    this.#recentNames[slot] = name;
    this.#recentValues[slot] = value;
    return false;
  }

  #remember(name: string, value: string): void {
    if (!this.#table.insert(name, value, 0)) return;
    const absolute = this.#table.inserted - 1;
    const values = this.#byName.get(name);
    if (values === undefined) this.#byName.set(name, new Map([[value, absolute]]));
    else values.set(value, absolute);
    this.#newestOfName.set(name, absolute);
  }

  #forget(absolute: number, name: string, value: string): void {
    const values = this.#byName.get(name);
    if (values?.get(value) === absolute) {
      values.delete(value);
      if (values.size === 0) this.#byName.delete(name);
    }
    if (this.#newestOfName.get(name) === absolute) this.#newestOfName.delete(name);
  }

  #literal(pattern: number, mask: number, index: number, name: string, value: string, compress: boolean): void {
    this.#reserve(name.length + value.length + 24);
    this.#integer(pattern, mask, index);
    if (index === 0) this.#text(name, compress);
    this.#text(value, compress);
  }

  #text(text: string, compress: boolean): void {
    const { length } = text;
    if (compress) {
      const short = huffmanLength(text);
      if (short < length) {
        this.#integer(0x80, 0x7f, short);
        this.length = huffmanEncode(text, this.buffer, this.length);
        return;
      }
    }
    this.#integer(0x00, 0x7f, length);
    if (length > 24) {
      this.length += this.buffer.write(text, this.length, 'latin1');
      return;
    }
    for (let i = 0; i < length; i++) this.buffer[this.length + i] = text.charCodeAt(i);
    this.length += length;
  }

  #integer(pattern: number, mask: number, value: number): void {
    if (value < mask) {
      this.buffer[this.length++] = pattern | value;
      return;
    }
    this.buffer[this.length++] = pattern | mask;
    let rest = value - mask;
    while (rest >= 128) {
      this.buffer[this.length++] = (rest & 0x7f) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.buffer[this.length++] = rest;
  }

  #reserve(octets: number): void {
    if (this.length + octets <= this.buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, this.length + octets));
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
  }
}
