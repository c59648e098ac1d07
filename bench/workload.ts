// The data that every contender serves, made once from a seed so that all send the same bytes.

/** Small seeded generator (mulberry32): the same sequence on every run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const random = generator(20261121);
const hex = (length: number): string => Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('');
const badges = ['first-win', 'streak-10', 'champion', 'veteran', 'night-owl'];

/** A player's place on a board, as in `bench/proto`. */
export interface Entry {
  readonly playerId: string;
  readonly displayName: string;
  readonly score: number;
  readonly rank: number;
  readonly updateTimeMs: number;
  readonly countryCode: string;
  readonly winRatio: number;
  readonly badges: string[];
}

/** 10,000 entries; an answer takes the first ones it needs. */
export const entries: readonly Entry[] = Array.from({ length: 10_000 }, (_, index) => ({
  playerId: `${hex(8)}-${hex(4)}-7${hex(3)}-a${hex(3)}-${hex(12)}`,
  displayName: `Player ${hex(6)}`,
  score: Math.floor(random() * 1e9),
  rank: index + 1,
  updateTimeMs: 1_790_000_000_000 + Math.floor(random() * 1e9),
  countryCode: ['GB', 'DE', 'FR', 'JP', 'BR'][Math.floor(random() * 5)] ?? 'GB',
  winRatio: Math.round(random() * 10_000) / 10_000,
  badges: badges.slice(0, 1 + Math.floor(random() * 3)),
}));

const [firstEntry] = entries;
if (firstEntry === undefined) throw new Error('no entries');

/** The small answer. */
export const first: Entry = firstEntry;

/** The large answers, by size. */
export const leaderboards: ReadonlyMap<number, readonly Entry[]> = new Map(
  [100, 1000].map((size) => [size, entries.slice(0, size)]),
);
export const scoreRequest = { playerId: first.playerId, board: 'weekly' };
export const boardRequest = { board: 'weekly', size: 100 };
export const streamRequest = { board: 'weekly', size: 1000 };
export const converseRequest = { playerId: first.playerId };
/** Round trips of one conversation. */
export const roundTrips = 100;
export const protoFolders: readonly string[] = [
  new URL('./proto/', import.meta.url).pathname,
  new URL('../proto/', import.meta.url).pathname,
].map(decodeURIComponent);
export const protoFile = 'fairlead/bench/v1/bench_service.proto';
