// Compares what a driver saw with the verdict of a scenario, and says in one sentence what differs.

import type { Observation, Range, RunningScenario, Scenario, Step, Verdict } from './scenario.ts';

/** @returns what differs; empty when the mesh did what the scenario says. */
export async function judge(scenario: Scenario, running: RunningScenario): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const [index, step] of scenario.steps.entries()) {
    const services = Object.keys(step.expect.reached ?? {});
    const before = await Promise.all(services.map((service) => running.reached(service)));
    const seen = await running.call(step.call);
    const after = await Promise.all(services.map((service) => running.reached(service)));
    const reached = new Map(services.map((service, at) => [service, (after[at] ?? 0) - (before[at] ?? 0)]));
    for (const problem of compare(step, seen, reached)) problems.push(`step ${index + 1}: ${problem}`);
  }
  return problems;
}

const within = (count: number, wanted: number | Range): boolean =>
  typeof wanted === 'number' ? count === wanted : count >= wanted[0] && count <= wanted[1];
const shown = (wanted: number | Range): string =>
  typeof wanted === 'number' ? String(wanted) : `${wanted[0]} to ${wanted[1]}`;

function* counted(
  what: string,
  wanted: Readonly<Record<string, number | Range>> | undefined,
  seen: ReadonlyMap<string, number>,
): Generator<string> {
  if (wanted === undefined) return;
  for (const name of new Set([...Object.keys(wanted), ...seen.keys()])) {
    const expected = wanted[name] ?? 0;
    const count = seen.get(name) ?? 0;
    if (!within(count, expected)) yield `${what} ${name}: ${count}, expected ${shown(expected)}`;
  }
}

function tally(values: readonly (string | number | undefined)[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) if (value !== undefined) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  return counts;
}

function* compare(
  { expect }: Step,
  seen: readonly Observation[],
  reached: ReadonlyMap<string, number>,
): Generator<string> {
  yield* counted('code', expect.codes, tally(seen.map((each) => each.code)));
  yield* counted('instance', expect.instances, tally(seen.map((each) => each.instance)));
  yield* counted('calls that reached', expect.reached, reached);
  yield* headers(
    'request header',
    expect.headers,
    seen.map((each) => each.headers ?? {}),
  );
  yield* headers(
    'response header',
    expect.responseHeaders,
    seen.map((each) => each.responseHeaders),
  );
  const { atLeastMs } = expect;
  const quickest = Math.min(...seen.map((each) => each.tookMs));
  if (atLeastMs !== undefined && quickest < atLeastMs)
    yield `took ${Math.round(quickest)} ms, expected at least ${atLeastMs} ms`;
}

function* headers(
  what: string,
  wanted: Verdict['headers'],
  seen: readonly Readonly<Record<string, string>>[],
): Generator<string> {
  for (const [name, value] of Object.entries(wanted ?? {})) {
    const other = seen.find((each) => (each[name] ?? null) !== value);
    if (other !== undefined) yield `${what} ${name}: ${other[name] ?? 'absent'}, expected ${value ?? 'absent'}`;
  }
}
