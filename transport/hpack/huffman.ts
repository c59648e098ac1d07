// RFC 7541 appendix B. The code is canonical, so the code lengths alone give every code word.
// Decoding walks a table of nibbles; padding must be the start of EOS, shorter than a byte, or the block is an error.

// One length per octet value, then EOS.
const LENGTHS: readonly number[] = (
  '13 23 28*7 24 30 28*2 30 28*8 30 28*9 6 10*2 12 13 6 8 11 10*2 8 11 8 6*3 5*3 6*7 7 8 15 6 12 10 13 6 7*22 8 7 8 ' +
  '13 19 13 14 6 15 5 6 5 6 5 6*3 5 7*2 6*3 5 6 7 6 5*2 6 7*5 15 11 14 13 28 20 22 20*2 22*3 23 22 23*5 24 23 24*2 ' +
  '22 23 24 23*4 21 22 23 22 23*2 24 22 21 20 22*2 23*2 21 23 22*2 24 21 22 23*2 21*2 22 21 23 22 23*2 20 22*3 23 ' +
  '22*2 23 26*2 20 19 22 23 22 25 26*3 27*2 26 24 25 19 21 26 27*2 26 27 24 21*2 26*2 28 27*3 20 24 20 21 22 21*2 ' +
  '23 22*2 25*2 24*2 26 23 26 27 26*2 27*5 28 27*5 26 30'
)
  .split(' ')
  .flatMap((run) => {
    const [length, count] = run.split('*').map(Number);
    return new Array<number>(count ?? 1).fill(length ?? 0);
  });

const EOS = 256;
const codes = new Uint32Array(257);
const lengths = Uint8Array.from(LENGTHS);

// Transition for (state, nibble): bits 0-8 next state, bit 9 emits, bit 10 fails, bits 16-23 the symbol.
const EMIT = 1 << 9;
const FAIL = 1 << 10;
let transitions = new Uint32Array(0);
// A state accepts the end when it lies on at most seven leading one bits.
let accepting = new Uint8Array(0);

function assignCodes(): void {
  const order = [...lengths.keys()].sort((a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0) || a - b);
  let code = 0;
  let previous = 0;
  for (const symbol of order) {
    const length = lengths[symbol] ?? 0;
    code *= 2 ** (length - previous);
    previous = length;
    codes[symbol] = code++;
  }
}

type Tree = { zero?: Tree | number; one?: Tree | number };

function buildTree(states: Tree[]): Tree {
  const root: Tree = {};
  states.push(root);
  for (let symbol = 0; symbol <= EOS; symbol++) {
    let node = root;
    const length = lengths[symbol] ?? 0;
    for (let bit = length - 1; bit >= 0; bit--) {
      const side = ((codes[symbol] ?? 0) >>> bit) & 1 ? 'one' : 'zero';
      if (bit === 0) {
        node[side] = symbol;
      } else {
        let next = node[side] as Tree | undefined;
        if (next === undefined) {
          next = {};
          node[side] = next;
          states.push(next);
        }
        node = next;
      }
    }
  }
  return root;
}

function buildTransitions(): void {
  const states: Tree[] = [];
  const root = buildTree(states);
  const numbers = new Map(states.map((state, index) => [state, index]));
  transitions = new Uint32Array(states.length * 16);
  accepting = new Uint8Array(states.length);
  let path: Tree | undefined = root;
  for (let depth = 0; depth < 8 && path !== undefined; depth++) {
    accepting[numbers.get(path) ?? 0] = 1;
    path = path.one as Tree | undefined;
  }
  for (const [index, state] of states.entries()) {
    for (let nibble = 0; nibble < 16; nibble++) transitions[index * 16 + nibble] = walk(state, nibble, root, numbers);
  }
}

function walk(state: Tree, nibble: number, root: Tree, numbers: Map<Tree, number>): number {
  let node = state;
  let emitted = 0;
  for (let bit = 3; bit >= 0; bit--) {
    const next = (nibble >>> bit) & 1 ? node.one : node.zero;
    if (next === undefined || next === EOS) return FAIL;
    if (typeof next === 'number') {
      emitted = EMIT | (next << 16);
      node = root;
    } else {
      node = next;
    }
  }
  return emitted | (numbers.get(node) ?? 0);
}

assignCodes();
buildTransitions();

let scratch = Buffer.allocUnsafeSlow(4096);

/** Decodes `source[start, end)`; `undefined` when the code is malformed, which is a compression error. */
export function huffmanDecode(source: Uint8Array, start: number, end: number): string | undefined {
  // The shortest code has five bits, so the output is at most 8/5 of the input.
  const bound = ((end - start) * 8) / 5 + 1;
  if (scratch.length < bound) scratch = Buffer.allocUnsafeSlow(Math.ceil(bound) * 2);
  const out = scratch;
  let length = 0;
  let state = 0;
  for (let position = start; position < end; position++) {
    const octet = source[position] as number;
    let step = transitions[(state << 4) | (octet >>> 4)] as number;
    if ((step & FAIL) !== 0) return undefined;
    if ((step & EMIT) !== 0) out[length++] = step >>> 16;
    step = transitions[((step & 0x1ff) << 4) | (octet & 15)] as number;
    if ((step & FAIL) !== 0) return undefined;
    if ((step & EMIT) !== 0) out[length++] = step >>> 16;
    state = step & 0x1ff;
  }
  return accepting[state] === 1 ? out.toString('latin1', 0, length) : undefined;
}

/** Octets that `text` (one octet a character) takes in Huffman code. */
export function huffmanLength(text: string): number {
  let bits = 0;
  for (let i = 0; i < text.length; i++) bits += lengths[text.charCodeAt(i) & 0xff] as number;
  return (bits + 7) >>> 3;
}

/** Writes the Huffman code of `text` at `offset` and returns the offset after it. */
export function huffmanEncode(text: string, out: Uint8Array, offset: number): number {
  let position = offset;
  // At most seven bits wait between symbols, so a code of 30 bits never exceeds 37: held in two parts.
  let pending = 0;
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const symbol = text.charCodeAt(i) & 0xff;
    let length = lengths[symbol] as number;
    const code = codes[symbol] as number;
    while (length > 0) {
      const take = Math.min(length, 8 - count);
      pending = (pending << take) | ((code >>> (length - take)) & ((1 << take) - 1));
      count += take;
      length -= take;
      if (count === 8) {
        out[position++] = pending;
        pending = 0;
        count = 0;
      }
    }
  }
  if (count > 0) out[position++] = (pending << (8 - count)) | (0xff >>> count);
  return position;
}
