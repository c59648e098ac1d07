// Durations in buckets: OpenTelemetry's coarse ones for Prometheus, and finer ones for honest percentiles.
// Recording is two additions; nothing is allocated or hashed, because it happens on every call.

/** Bucket bounds in seconds that the OpenTelemetry RPC conventions ask for. */
export const durationBounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] as const;

/** Each power of two of microseconds is cut into this many parts: a percentile is at most 1/16 of it off. */
const parts = 16;
const octaves = 34;

/** Durations of one kind of call. */
export class Latencies {
  /** How many durations fell between two of `durationBounds`; the last one holds those above all. */
  readonly counts: Float64Array = new Float64Array(durationBounds.length + 1);
  readonly #fine = new Uint32Array(parts * octaves);
  #count = 0;
  #sum = 0;
  #longest = 0;

  get count(): number {
    return this.#count;
  }

  /** Seconds. */
  get sum(): number {
    return this.#sum;
  }

  /** @param seconds how long the call took */
  record(seconds: number): void {
    let bucket = 0;
    while (bucket < durationBounds.length && seconds > (durationBounds[bucket] ?? Infinity)) bucket += 1;
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    const fine = fineIndex(seconds * 1e6);
    this.#fine[fine] = (this.#fine[fine] ?? 0) + 1;
    this.#count += 1;
    this.#sum += seconds;
    if (seconds > this.#longest) this.#longest = seconds;
  }

  /** Seconds that `share` of all durations stay within (upper bound of the fine bucket, at most the longest); 0 for none. */
  percentile(share: number): number {
    let left = Math.max(1, Math.ceil(this.#count * share));
    if (this.#count === 0) return 0;
    for (const [index, count] of this.#fine.entries()) {
      left -= count;
      if (left <= 0) return Math.min(upperBound(index) / 1e6, this.#longest);
    }
    return this.#longest;
  }
}

/** Below `parts` microseconds each whole one has its own bucket; above, each octave has `parts` equal ones. */
function fineIndex(microseconds: number): number {
  const value = Math.max(0, Math.min(microseconds, 2 ** 36));
  if (value < parts) return Math.floor(value);
  const octave = Math.floor(Math.log2(value));
  const part = Math.floor((value / 2 ** octave - 1) * parts);
  return Math.min(parts * (octave - 3) + part, parts * octaves - 1);
}

function upperBound(index: number): number {
  if (index < parts) return index + 1;
  const octave = Math.floor(index / parts) + 3;
  return 2 ** octave * (1 + ((index % parts) + 1) / parts);
}
