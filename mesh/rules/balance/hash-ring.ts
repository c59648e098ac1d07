// A consistent-hash ring: each instance stands at many points, a key goes to the next point clockwise.
// When an instance leaves, only its keys move. Source: Envoy RingHashLoadBalancer (minimum_ring_size).

/** 32-bit FNV-1a with MurmurHash3's final mixing: FNV alone spreads short keys badly over a ring. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash ^= text.charCodeAt(index);
    hash = Math.imul(hash, 0x01000193);
  }
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

export class HashRing {
  readonly #points: readonly { readonly hash: number; readonly id: string }[];

  constructor(ids: readonly string[], minimumSize: number) {
    // The same number of points whatever the company: then a leaving instance moves no key but its own.
    const each = Math.min(1024, Math.max(1, minimumSize));
    const points: { hash: number; id: string }[] = [];
    for (const id of ids)
      for (let index = 0; index < each; index++) points.push({ hash: hash32(`${id}_${index}`), id });
    this.#points = points.sort((left, right) => left.hash - right.hash || (left.id < right.id ? -1 : 1));
  }

  /** @param skip - how many points further a retry goes. */
  find(key: string, skip = 0): string | undefined {
    const points = this.#points;
    if (points.length === 0) return undefined;
    const wanted = hash32(key);
    let low = 0;
    let high = points.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((points[middle]?.hash ?? 0) < wanted) low = middle + 1;
      else high = middle;
    }
    return points[(low + skip) % points.length]?.id;
  }
}
