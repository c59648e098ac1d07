// Verified tokens until they expire, the least recently used dropped first: a signature is checked once a token.
// Failures are not kept, so that a flood of forged tokens cannot push the good ones out.

/** What a token proved, and until when it may be believed. */
export interface Verified<T> {
  readonly value: T;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** A bounded map of verified tokens. */
export class TokenCache<T> {
  readonly #capacity: number;
  readonly #entries = new Map<string, Verified<T>>();

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
    this.#entries.delete(token);
    if (entry.expiresAt <= now) return undefined;
    this.#entries.set(token, entry);
    return entry.value;
  }

  set(token: string, entry: Verified<T>): void {
    this.#entries.delete(token);
    this.#entries.set(token, entry);
    if (this.#entries.size <= this.#capacity) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}
