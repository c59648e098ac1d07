// Verified credentials until they expire, the least recently used dropped first: a signature is checked once a token.
// Failures are not kept, so that a flood of forged tokens cannot push the good ones out.

/** What a token proved, and until when it may be believed. */
export interface Verified<T> {
  readonly value: T;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** A place in the order of use, between the one used before it and the one used after it. */
class Entry<T> {
  readonly token: string;
  readonly verified: Verified<T>;
  older: Entry<T> | undefined = undefined;
  newer: Entry<T> | undefined = undefined;

  constructor(token: string, verified: Verified<T>) {
    this.token = token;
    this.verified = verified;
  }
}

/** A bounded map of verified tokens. */
export class TokenCache<T> {
  readonly #capacity: number;
  readonly #entries = new Map<string, Entry<T>>();
  #oldest: Entry<T> | undefined;
  #newest: Entry<T> | undefined;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** What the token proved, if it is known and has not expired at `now`. */
  get(token: string, now: number): T | undefined {
    const entry = this.#entries.get(token);
    if (entry === undefined) return undefined;
    if (entry.verified.expiresAt <= now) {
      this.#drop(entry);
      return undefined;
    }
    if (entry !== this.#newest) {
      this.#unlink(entry);
      this.#link(entry);
    }
    return entry.verified.value;
  }

  set(token: string, verified: Verified<T>): void {
    const known = this.#entries.get(token);
    if (known !== undefined) this.#drop(known);
    const entry = new Entry(token, verified);
    this.#entries.set(token, entry);
    this.#link(entry);
    if (this.#entries.size > this.#capacity && this.#oldest !== undefined) this.#drop(this.#oldest);
  }

  #drop(entry: Entry<T>): void {
    this.#entries.delete(entry.token);
    this.#unlink(entry);
  }

  #link(entry: Entry<T>): void {
    entry.older = this.#newest;
    entry.newer = undefined;
    if (this.#newest === undefined) this.#oldest = entry;
    else this.#newest.newer = entry;
    this.#newest = entry;
  }

  #unlink({ older, newer }: Entry<T>): void {
    if (older === undefined) this.#oldest = newer;
    else older.newer = newer;
    if (newer === undefined) this.#newest = older;
    else newer.older = older;
  }
}
