// How a suite says what came of it: its last line `tally: 562 of 570` is what the table of `npm run proof` shows.

/** Prints the count of a suite's run. */
export function tally(passed: number, total: number): void {
  console.log(`tally: ${passed} of ${total}`);
}

/** What came of a run. */
export interface Tally {
  readonly passed: number;
  readonly total: number;
}

/** The count that a suite printed, its own or that of `npm test`; undefined when it printed none. */
export function tallyOf(output: string): Tally | undefined {
  const own = [...output.matchAll(/^tally: (\d+) of (\d+)$/gm)].at(-1);
  if (own !== undefined) return { passed: Number(own[1]), total: Number(own[2]) };
  const tests = [...output.matchAll(/^(\d+) passed, (\d+) failed/gm)].at(-1);
  if (tests === undefined) return undefined;
  return { passed: Number(tests[1]), total: Number(tests[1]) + Number(tests[2]) };
}
