// Metadata as telemetry and identity see it: names to text values, whatever carries them.
// Names are lower case. Binary metadata (`-bin`) is not seen here.

/** Reads and writes metadata of one call, over gRPC metadata or HTTP headers. */
export interface HeaderBag {
  /** The value, the values joined by commas where there are several, or undefined. */
  get(name: string): string | undefined;
  /** Replaces the value. */
  set(name: string, value: string): void;
}

/** A bag over a plain map, for calls that begin in this process. */
export function headerBag(initial: Iterable<readonly [string, string]> = []): HeaderBag {
  const values = new Map(initial);
  return {
    get: (name) => values.get(name),
    set: (name, value) => {
      values.set(name, value);
    },
  };
}
