// Runs scenarios with a driver, a few at a time, and keeps what each came to.
import { judge } from './judge.ts';
import { explained, type KnownDifference } from './known-differences.ts';
import type { MeshDriver, Scenario } from './scenario.ts';

/** What a driver made of a scenario. */
export interface Outcome {
  /** `known` is a difference that known-differences.ts explains. */
  readonly verdict: 'as expected' | 'known' | 'different';
  readonly problems: readonly string[];
  readonly figures: readonly string[];
  readonly known?: KnownDifference;
}

const AT_ONCE = 6;
/** Sidecars learn of rules one after another: scenarios that change rules are asked again before they count as different. */
const TRIES = 3;

export async function runAll(
  driver: MeshDriver,
  scenarios: readonly Scenario[],
  say: (line: string) => void,
): Promise<ReadonlyMap<Scenario, Outcome>> {
  const outcomes = new Map<Scenario, Outcome>();
  const waiting = [...scenarios];
  let done = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let scenario = waiting.shift(); scenario !== undefined; scenario = waiting.shift()) {
        const outcome = await runOne(driver, scenario);
        outcomes.set(scenario, outcome);
        const mark = { 'as expected': 'ok', known: 'known difference', different: 'DIFFERENT' }[outcome.verdict];
        const title = `${scenario.group}: ${scenario.name}`;
        say(`${driver.name.padEnd(8)} ${String(++done).padStart(3)}/${scenarios.length} ${mark.padEnd(9)} ${title}`);
        for (const problem of outcome.problems) say(`             ${problem}`);
      }
    }),
  );
  return new Map(
    scenarios.flatMap((each) => {
      const outcome = outcomes.get(each);
      return outcome === undefined ? [] : [[each, outcome] as const];
    }),
  );
}

async function runOne(driver: MeshDriver, scenario: Scenario): Promise<Outcome> {
  let last: Outcome = { verdict: 'different', problems: [], figures: [] };
  try {
    const running = await driver.start(scenario);
    try {
      for (let attempt = 1; attempt <= (scenario.alone === true ? TRIES : 1); attempt++) {
        if (attempt > 1) await new Promise((resolve) => setTimeout(resolve, 2000));
        const { problems, figures } = await judge(scenario, running);
        const known = problems.length === 0 ? undefined : explained(driver.name, scenario, problems);
        last = {
          verdict: problems.length === 0 ? 'as expected' : known === undefined ? 'different' : 'known',
          problems,
          figures,
          ...(known === undefined ? {} : { known }),
        };
        if (last.verdict !== 'different') break;
      }
    } finally {
      await running.close();
    }
  } catch (error) {
    last = { verdict: 'different', problems: [error instanceof Error ? error.message : String(error)], figures: [] };
  }
  return last;
}
