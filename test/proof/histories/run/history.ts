// What was asked and answered, killed and started again, in the order in which it happened: one JSON line each.
// As in Jepsen, an operation is invoked and ends `ok` or `fail`, or as `info` when nobody knows whether it was done.

/** One line. */
export interface Entry {
  /** Milliseconds after the history's start. */
  readonly at: number;
  readonly who: string;
  readonly type: 'invoke' | 'ok' | 'fail' | 'info' | 'nemesis';
  /** What was done: `CreateOrder`, `kill`. */
  readonly does: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** See the head of the file. */
export class History {
  readonly #entries: Entry[] = [];
  readonly #start = performance.now();

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** Milliseconds since its start. */
  now(): number {
    return performance.now() - this.#start;
  }

  add(who: string, type: Entry['type'], does: string, value: Entry['value']): void {
    this.#entries.push({ at: Math.round(this.now()), who, type, does, value });
  }

  /** JSON lines. */
  toString(): string {
    return this.#entries.map((entry) => JSON.stringify(entry)).join('\n');
  }
}
