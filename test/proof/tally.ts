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

/** The count that a suite printed, its own or that of node:test or of `npm test`; undefined when it printed none. */
export function tallyOf(output: string): Tally | undefined {
  const own = [...output.matchAll(/^tally: (\d+) of (\d+)$/gm)].at(-1);
  if (own !== undefined) return { passed: Number(own[1]), total: Number(own[2]) };
  const tests = [...output.matchAll(/^(\d+) passed, (\d+) failed/gm)].at(-1);
  if (tests !== undefined) return { passed: Number(tests[1]), total: Number(tests[1]) + Number(tests[2]) };
  const [passed, failed] = ['pass', 'fail'].map((what) => new RegExp(`^ℹ ${what} (\\d+)$`, 'm').exec(output)?.[1]);
  return passed === undefined ? undefined : { passed: Number(passed), total: Number(passed) + Number(failed) };
}
