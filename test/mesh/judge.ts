// Compares what a driver saw with the verdict of a scenario: what differs, in one sentence each, and the figures seen.

import type { Arrivals, HeaderVerdict, Observation, Range, RunningScenario, Scenario, Step } from './scenario.ts';

/** What a mesh made of a scenario. */
export interface Judgement {
  /** What differs; empty when the mesh did what the scenario says. */
  readonly problems: readonly string[];
  /** What was counted, one text a step. */
  readonly figures: readonly string[];
}

/** Mirrored calls and cancellations arrive when the caller is done already. */
const SETTLE_MS = 4000;
let steps = 0;

export async function judge(scenario: Scenario, running: RunningScenario): Promise<Judgement> {
  const problems: string[] = [];
  const figures: string[] = [];
  for (const [index, step] of scenario.steps.entries()) {
    if (step.afterMs !== undefined) await pause(step.afterMs);
    const id = `${Date.now().toString(36)}-${++steps}`;
    const seen = await ('request' in step ? running.request(step.request, id) : running.call(step.call, id));
    const arrivals = await settled(step, () => running.arrivals(id));
    for (const problem of compare(step, seen, arrivals)) problems.push(`step ${index + 1}: ${problem}`);
    figures.push(figure(step, seen, arrivals));
  }
  return { problems, figures };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function settled(
  step: Step,
  ask: () => Promise<ReadonlyMap<string, Arrivals>>,
): Promise<ReadonlyMap<string, Arrivals>> {
  const { reached, cancelled } = step.expect;
  if (reached === undefined && cancelled === undefined) return new Map();
  const end = performance.now() + SETTLE_MS;
  for (;;) {
    const arrivals = await ask();
    if ([...arrived(step, arrivals)].length === 0 || performance.now() > end) return arrivals;
    await pause(100);
  }
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

/** Attempts of a service (`server`) or of one instance (`server-v1`). */
function sum(arrivals: ReadonlyMap<string, Arrivals>, name: string, field: keyof Arrivals): number {
  return [...arrivals]
    .filter(([instance]) => instance === name || instance.startsWith(`${name}-`))
    .reduce((total, [, each]) => total + each[field], 0);
}

function* arrived({ expect }: Step, arrivals: ReadonlyMap<string, Arrivals>): Generator<string> {
  for (const field of ['reached', 'cancelled'] as const)
    for (const [name, wanted] of Object.entries(expect[field] ?? {})) {
      const count = sum(arrivals, name, field);
      if (!within(count, wanted)) yield `attempts ${field} at ${name}: ${count}, expected ${shown(wanted)}`;
    }
}

function tally(values: readonly (string | number | undefined)[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) if (value !== undefined) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  return counts;
}

function* compare(
  step: Step,
  seen: readonly Observation[],
  arrivals: ReadonlyMap<string, Arrivals>,
): Generator<string> {
  const { expect } = step;
  for (const problem of counted('status', expect.codes, tally(seen.map((each) => each.code)))) {
    const details = seen.find((each) => expect.codes?.[each.code] === undefined)?.details ?? '';
    yield details === '' ? problem : `${problem} (${details.slice(0, 300)})`;
  }
  const instances = tally(seen.map((each) => each.instance));
  yield* counted('answers of', expect.instances, instances);
  if (expect.distinct !== undefined && instances.size !== expect.distinct)
    yield `${instances.size} instances answered, expected ${expect.distinct}`;
  yield* arrived(step, arrivals);
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
  yield* everyCall(expect, seen);
}

function* everyCall(expect: Step['expect'], seen: readonly Observation[]): Generator<string> {
  const { messages, timeLeftMs, atLeastMs, belowMs, body, received, continued } = expect;
  for (const each of seen) {
    const took = Math.round(each.tookMs);
    if (body !== undefined && !fits(body, each.details)) yield `body ${JSON.stringify(each.details)}, expected ${body}`;
    if (received !== undefined && each.received !== received)
      yield `the service got ${each.received} octets, expected ${received}`;
    if (continued !== undefined && each.continued !== continued)
      yield `100 Continue ${continued ? 'did not come' : 'came'}`;
    if (messages !== undefined && !within(each.messages, messages))
      yield `${each.messages} messages came, expected ${shown(messages)}`;
    if (timeLeftMs === null && each.timeLeftMs !== undefined)
      yield `the service saw a deadline ${each.timeLeftMs} ms ahead, expected none`;
    if (timeLeftMs && (each.timeLeftMs === undefined || !within(each.timeLeftMs, timeLeftMs)))
      yield `the service saw ${each.timeLeftMs === undefined ? 'no deadline' : `a deadline ${each.timeLeftMs} ms ahead`}, expected ${shown(timeLeftMs)}`;
    if (atLeastMs !== undefined && took < atLeastMs) yield `took ${took} ms, expected at least ${atLeastMs}`;
    if (belowMs !== undefined && took >= belowMs) yield `took ${took} ms, expected less than ${belowMs}`;
  }
}

const fits = (wanted: string | RegExp | null, text: string | undefined): boolean =>
  wanted instanceof RegExp ? text !== undefined && wanted.test(text) : (text ?? null) === wanted;

function* headers(
  what: string,
  wanted: HeaderVerdict | undefined,
  seen: readonly Readonly<Record<string, string>>[],
): Generator<string> {
  for (const [name, value] of Object.entries(wanted ?? {})) {
    const other = seen.find((each) => !fits(value, each[name]));
    if (other !== undefined) yield `${what} ${name}: ${other[name] ?? 'absent'}, expected ${value ?? 'absent'}`;
  }
}

/** gRPC status codes by name, for people. */
const NAMES = [
  ...['OK', 'CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'ALREADY_EXISTS'],
  ...['PERMISSION_DENIED', 'RESOURCE_EXHAUSTED', 'FAILED_PRECONDITION', 'ABORTED', 'OUT_OF_RANGE', 'UNIMPLEMENTED'],
  ...['INTERNAL', 'UNAVAILABLE', 'DATA_LOSS', 'UNAUTHENTICATED'],
];

function figure(step: Step, seen: readonly Observation[], arrivals: ReadonlyMap<string, Arrivals>): string {
  const { expect } = step;
  const count = ([name, number]: readonly [string, number]): string => `${number} ${name}`;
  const called = (code: number): string | number =>
    'request' in step ? (code === 0 ? 'unanswered' : `HTTP ${code}`) : (NAMES[code] ?? code);
  const codes = [...tally(seen.map((each) => called(each.code)))].sort().map(count);
  const parts = [codes.join(', ')];
  if (expect.instances !== undefined || expect.distinct !== undefined)
    parts.push([...tally(seen.map((each) => each.instance))].sort().map(count).join(', '));
  for (const field of ['reached', 'cancelled'] as const)
    for (const name of Object.keys(expect[field] ?? {})) parts.push(`${sum(arrivals, name, field)} ${field} ${name}`);
  if (expect.messages !== undefined) parts.push(`${seen[0]?.messages ?? 0} messages`);
  if (expect.timeLeftMs) parts.push(`${seen[0]?.timeLeftMs ?? 'no'} ms left`);
  if (expect.atLeastMs !== undefined || expect.belowMs !== undefined)
    parts.push(`${Math.round(Math.min(...seen.map((each) => each.tookMs)))} ms`);
  return parts.filter((each) => each !== '').join('; ');
}
