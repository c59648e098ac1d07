// RFC 7541 section 3 and 6: header blocks to flat lists [name, value, name, value, ...], order kept.
// A list over its bound is decoded to its end all the same, because the table must stay in step with the peer's.
import { DynamicTable, ENTRY_OVERHEAD } from './dynamic-table.ts';
import { huffmanDecode } from './huffman.ts';
import { STATIC_LENGTH, STATIC_NAMES, STATIC_VALUES } from './static-table.ts';

/** Names and values in turn, in the order of the block. */
export type HeaderList = readonly string[];

/** The block cannot be decoded: a connection error of type COMPRESSION_ERROR (RFC 9113 section 4.3). */
export class HpackError extends Error {
  override readonly name = 'HpackError';
}

interface CachedBlock {
  readonly bytes: Uint8Array;
  readonly inserted: number;
  readonly capacity: number;
  readonly headers: HeaderList;
  readonly listSize: number;
}

const CACHED_BLOCKS = 4;
const CACHED_OCTETS = 64;
const MALFORMED = 1;
/** Never-indexed values from this length on are kept, because a caller's token comes with each of its calls. */
const KEPT_VALUE = 64;
const LONGEST_KEPT_VALUE = 8192;
const KEPT_VALUES = 4;

/** A never-indexed value as it came, and as text: the same string each time, found legal once, hashed once. */
interface KeptValue {
  readonly bytes: Uint8Array;
  readonly text: string;
}

export class HpackDecoder {
  /** Octets of the last list as RFC 9113 section 6.5.2 counts them. */
  listSize = 0;
  /** The last list went over the bound; it holds the fields before that point. */
  tooLarge = false;
  /** A field of the last block breaks RFC 9113 section 8.2.1: upper case, control characters. */
  malformed = false;
  /** Names in the last block whose sender forbids indexing (RFC 7541 section 6.2.3). */
  neverIndexed: string[] | undefined;
  readonly #table: DynamicTable;
  readonly #maximumTableSize: number;
  readonly #maximumListSize: number;
  readonly #cache: (CachedBlock | undefined)[] = new Array<CachedBlock | undefined>(CACHED_BLOCKS).fill(undefined);
  #nextCache = 0;
  readonly #kept: KeptValue[] = [];
  #nextKept = 0;
  #source: Uint8Array = new Uint8Array(0);
  #position = 0;
  #end = 0;
  #literalFlag = 0;

  /** Both bounds in octets: the table size that our SETTINGS allow, and the list size that we accept. */
  constructor(maximumTableSize: number, maximumListSize: number) {
    this.#table = new DynamicTable(maximumTableSize);
    this.#maximumTableSize = maximumTableSize;
    this.#maximumListSize = maximumListSize;
  }

  /** Octets in the dynamic table, for counters and tests. */
  get tableSize(): number {
    return this.#table.size;
  }

  /** Decodes one whole block; repeated short blocks come from a cache, so the list must not be changed. */
  decode(source: Uint8Array, start: number, end: number): HeaderList {
    this.tooLarge = false;
    this.malformed = false;
    this.neverIndexed = undefined;
    const length = end - start;
    if (length <= CACHED_OCTETS) {
      const known = this.#find(source, start, length);
      if (known !== undefined) {
        this.listSize = known.listSize;
        return known.headers;
      }
    }
    const inserted = this.#table.inserted;
    const capacity = this.#table.capacity;
    const headers = this.#decodeBlock(source, start, end);
    if (
      length <= CACHED_OCTETS &&
      inserted === this.#table.inserted &&
      capacity === this.#table.capacity &&
      !this.tooLarge &&
      !this.malformed &&
      this.neverIndexed === undefined
    ) {
      const bytes = Uint8Array.prototype.slice.call(source, start, end);
      this.#cache[this.#nextCache] = { bytes, inserted, capacity, headers, listSize: this.listSize };
      this.#nextCache = (this.#nextCache + 1) % CACHED_BLOCKS;
    }
    return headers;
  }

  #find(source: Uint8Array, start: number, length: number): CachedBlock | undefined {
    for (let i = 0; i < CACHED_BLOCKS; i++) {
      const entry = this.#cache[i];
      if (entry === undefined) return undefined;
      if (entry.bytes.length !== length || entry.inserted !== this.#table.inserted) continue;
      if (entry.capacity !== this.#table.capacity) continue;
      let same = 0;
      while (same < length && entry.bytes[same] === source[start + same]) same++;
      if (same === length) return entry;
    }
    return undefined;
  }

  #decodeBlock(source: Uint8Array, start: number, end: number): HeaderList {
    const headers: string[] = [];
    this.#source = source;
    this.#position = start;
    this.#end = end;
    this.listSize = 0;
    let updatesAllowed = true;
    while (this.#position < end) {
      const octet = source[this.#position] as number;
      if ((octet & 0x80) !== 0) {
        this.#indexed(headers, this.#integer(0x7f));
        updatesAllowed = false;
      } else if ((octet & 0xe0) === 0x20) {
        if (!updatesAllowed) throw new HpackError('a table size update stands after a field');
        const size = this.#integer(0x1f);
        if (size > this.#maximumTableSize) throw new HpackError('a table size update exceeds the setting');
        this.#table.resize(size);
      } else {
        this.#literal(headers, octet);
        updatesAllowed = false;
      }
    }
    return headers;
  }

  #indexed(headers: string[], index: number): void {
    if (index === 0) throw new HpackError('index 0 is not a field');
    if (index <= STATIC_LENGTH) {
      this.#push(headers, STATIC_NAMES[index] as string, STATIC_VALUES[index] as string);
      return;
    }
    const back = index - STATIC_LENGTH - 1;
    if (back >= this.#table.length) throw new HpackError('an index lies beyond the table');
    if ((this.#table.flag(back) & MALFORMED) !== 0) this.malformed = true;
    this.#push(headers, this.#table.name(back), this.#table.value(back));
  }

  #literal(headers: string[], octet: number): void {
    const indexing = (octet & 0x40) !== 0;
    const index = this.#integer(indexing ? 0x3f : 0x0f);
    this.#literalFlag = 0;
    let name: string;
    if (index === 0) {
      name = this.#text();
      if (!legalName(name)) this.#literalFlag = MALFORMED;
    } else if (index <= STATIC_LENGTH) {
      name = STATIC_NAMES[index] as string;
    } else {
      const back = index - STATIC_LENGTH - 1;
      if (back >= this.#table.length) throw new HpackError('a name index lies beyond the table');
      name = this.#table.name(back);
      this.#literalFlag = this.#table.flag(back);
    }
    const known = (octet & 0x50) === 0x10 ? this.#keptValue() : undefined;
    if (known !== undefined) {
      if (this.#literalFlag !== 0) this.malformed = true;
      this.#neverIndex(name);
      this.#push(headers, name, known);
      return;
    }
    const begin = this.#position;
    const value = this.#text();
    // Other gRPC servers send grpc-message with spaces at its ends, which the gRPC text allows.
    if (!legalValue(value) && !(name === 'grpc-message' && legalValue(value.trim()))) this.#literalFlag = MALFORMED;
    if (this.#literalFlag !== 0) this.malformed = true;
    if (indexing) {
      this.#table.insert(name, value, this.#literalFlag);
    } else if ((octet & 0x10) !== 0) {
      const { length } = value;
      if (length >= KEPT_VALUE && length <= LONGEST_KEPT_VALUE && this.#literalFlag === 0) this.#keep(begin, value);
      this.#neverIndex(name);
    }
    this.#push(headers, name, value);
  }

  #neverIndex(name: string): void {
    this.neverIndexed ??= [];
    this.neverIndexed.push(name);
  }

  /** Takes the text that comes next if it is one of those that are kept; else leaves the position where it is. */
  #keptValue(): string | undefined {
    for (const { bytes, text } of this.#kept) {
      const { length } = bytes;
      const at = this.#position;
      if (at + length > this.#end || !this.#samePrefix(bytes)) continue;
      // To the end whatever differs: how long this takes tells nobody how much of somebody's token they have guessed.
      let different = 0;
      for (let i = 0; i < length; i++) different |= (bytes[i] as number) ^ (this.#source[at + i] as number);
      if (different !== 0) continue;
      this.#position += length;
      return text;
    }
    return undefined;
  }

  /** Whether the text that comes next has the same length: only then is it looked at, so that no octet is twice in vain. */
  #samePrefix(bytes: Uint8Array): boolean {
    for (let i = 0; i < 3; i++) if (bytes[i] !== this.#source[this.#position + i]) return false;
    return true;
  }

  /** Keeps a text with its length prefix, which says where it ends. */
  #keep(begin: number, text: string): void {
    const bytes = Uint8Array.prototype.slice.call(this.#source, begin, this.#position);
    this.#kept[this.#nextKept] = { bytes, text };
    this.#nextKept = (this.#nextKept + 1) % KEPT_VALUES;
  }

  #push(headers: string[], name: string, value: string): void {
    this.listSize += name.length + value.length + ENTRY_OVERHEAD;
    if (this.listSize > this.#maximumListSize) {
      this.tooLarge = true;
      return;
    }
    headers.push(name, value);
  }

  /** Section 5.1, with `mask` as the prefix; five continuation octets are more than any legal value needs. */
  #integer(mask: number): number {
    let value = (this.#source[this.#position++] as number) & mask;
    if (value < mask) return value;
    let scale = 1;
    for (let octets = 0; octets < 5; octets++) {
      if (this.#position >= this.#end) throw new HpackError('an integer is cut short');
      const octet = this.#source[this.#position++] as number;
      value += (octet & 0x7f) * scale;
      if ((octet & 0x80) === 0) return value;
      scale *= 128;
    }
    throw new HpackError('an integer is too long');
  }

  #text(): string {
    if (this.#position >= this.#end) throw new HpackError('a field is cut short');
    const huffman = ((this.#source[this.#position] as number) & 0x80) !== 0;
    const length = this.#integer(0x7f);
    const start = this.#position;
    const stop = start + length;
    if (stop > this.#end) throw new HpackError('a string is cut short');
    this.#position = stop;
    if (!huffman) return latin1(this.#source, start, stop);
    const text = huffmanDecode(this.#source, start, stop);
    if (text === undefined) throw new HpackError('a Huffman code is malformed');
    return text;
  }
}

function latin1(source: Uint8Array, start: number, stop: number): string {
  if (source instanceof Buffer) return source.toString('latin1', start, stop);
  return Buffer.from(source.buffer, source.byteOffset + start, stop - start).toString('latin1');
}

/** RFC 9113 section 8.2.1: visible ASCII, no upper case, a colon only in front. */
export function legalName(name: string): boolean {
  if (name.length === 0) return false;
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (code <= 0x20 || code >= 0x7f || (code >= 0x41 && code <= 0x5a) || (code === 0x3a && i > 0)) return false;
  }
  return true;
}

/** RFC 9113 section 8.2.1: no NUL, CR or LF, no white space at either end; other control characters as RFC 9110 5.5. */
export function legalValue(value: string): boolean {
  const length = value.length;
  if (length === 0) return true;
  const first = value.charCodeAt(0);
  const last = value.charCodeAt(length - 1);
  if (first === 0x20 || first === 0x09 || last === 0x20 || last === 0x09) return false;
  for (let i = 0; i < length; i++) {
    const code = value.charCodeAt(i);
    if ((code < 0x20 && code !== 0x09) || code === 0x7f || code > 0xff) return false;
  }
  return true;
}
