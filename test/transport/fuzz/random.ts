// Repeatable random numbers, and the ways in which an input is spoilt.
// Every input follows from one seed, so that a failure can be run again by itself.

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number below `bound`. */
  below(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
}

const INTERESTING = [0, 1, 2, 3, 4, 5, 8, 9, 0x20, 0x3f, 0x40, 0x7f, 0x80, 0xbe, 0xc0, 0xfe, 0xff];

/** Lists of frames with some damage: octets, whole frames, their order. */
export function spoil(frames: readonly Buffer[], random: Random): Buffer {
  const list = [...frames];
  const moves = random.below(3);
  for (let i = 0; i < moves && list.length > 1; i++) {
    const from = random.below(list.length);
    const to = random.below(list.length);
    switch (random.below(3)) {
      case 0:
        list.splice(from, 1);
        break;
      case 1:
        list.splice(to, 0, list[from] as Buffer);
        break;
      default:
        [list[from], list[to]] = [list[to] as Buffer, list[from] as Buffer];
    }
  }
  let bytes = Buffer.concat(list);
  const edits = random.below(6);
  for (let i = 0; i < edits && bytes.length > 0; i++) {
    const at = random.below(bytes.length);
    switch (random.below(6)) {
      case 0:
        bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
        break;
      case 1:
        bytes[at] = random.pick(INTERESTING);
        break;
      case 2:
        bytes[at] = random.below(256);
        break;
      case 3:
        bytes = bytes.subarray(0, at);
        break;
      case 4:
        bytes = Buffer.concat([
          bytes.subarray(0, at),
          bytes.subarray(Math.min(bytes.length, at + 1 + random.below(16))),
        ]);
        break;
      default:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(random.below(at + 1))]);
    }
  }
  return bytes;
}

/** Octets without any plan. */
export function noise(random: Random): Buffer {
  const bytes = Buffer.alloc(random.below(200));
  for (let i = 0; i < bytes.length; i++)
    bytes[i] = random.below(4) === 0 ? random.pick(INTERESTING) : random.below(256);
  return bytes;
}
