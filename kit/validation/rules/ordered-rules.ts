// Bounds and lists for values that have an order: numbers, durations and times, all as numbers in one unit.
// A lower bound above the upper one means the outside of the range, as in protovalidate.
import type { OptionValue } from '../../contract/options.ts';
import { type Check, violated } from '../check.ts';
import type { RuleReader } from './rule-reader.ts';

/** How values of one kind are compared and shown. */
export interface Ordering {
  /** A message's value as a number. */
  readonly measure: (value: unknown) => number;
  /** A rule's value as a number. */
  readonly parse: (value: OptionValue) => number;
  readonly show: (value: number) => string;
}

interface Bound {
  readonly rule: string;
  readonly limit: number;
  readonly holds: (value: number) => boolean;
  readonly text: string;
}

function lowerBound(rules: RuleReader, { parse, show }: Ordering): Bound | undefined {
  const gt = rules.value('gt');
  const gte = rules.value('gte');
  if (gt !== undefined) {
    const limit = parse(gt);
    return { rule: 'gt', limit, holds: (value) => value > limit, text: `greater than ${show(limit)}` };
  }
  if (gte === undefined) return undefined;
  const limit = parse(gte);
  return { rule: 'gte', limit, holds: (value) => value >= limit, text: `at least ${show(limit)}` };
}

function upperBound(rules: RuleReader, { parse, show }: Ordering): Bound | undefined {
  const lt = rules.value('lt');
  const lte = rules.value('lte');
  if (lt !== undefined) {
    const limit = parse(lt);
    return { rule: 'lt', limit, holds: (value) => value < limit, text: `less than ${show(limit)}` };
  }
  if (lte === undefined) return undefined;
  const limit = parse(lte);
  return { rule: 'lte', limit, holds: (value) => value <= limit, text: `at most ${show(limit)}` };
}

function boundCheck(rules: RuleReader, { measure }: Ordering, bound: Bound): Check {
  const id = rules.id(bound.rule);
  const text = `must be ${bound.text}`;
  return (value, violations) => {
    if (!bound.holds(measure(value))) violated(violations, id, text);
  };
}

/** Checks for `const`, bounds, `in` and `not_in`. */
export function orderedChecks(rules: RuleReader, ordering: Ordering): Check[] {
  const { measure, parse, show } = ordering;
  const checks: Check[] = [];
  const lower = lowerBound(rules, ordering);
  const upper = upperBound(rules, ordering);
  if (lower !== undefined && upper !== undefined && lower.limit > upper.limit) {
    const id = rules.id(`${lower.rule}_${upper.rule}_exclusive`);
    const text = `must be ${lower.text} or ${upper.text}`;
    checks.push((value, violations) => {
      const measured = measure(value);
      if (!lower.holds(measured) && !upper.holds(measured)) violated(violations, id, text);
    });
  } else {
    if (lower !== undefined) checks.push(boundCheck(rules, ordering, lower));
    if (upper !== undefined) checks.push(boundCheck(rules, ordering, upper));
  }
  const constant = rules.value('const');
  if (constant !== undefined) {
    const only = parse(constant);
    checks.push((value, violations) => {
      if (measure(value) !== only) violated(violations, rules.id('const'), `must be ${show(only)}`);
    });
  }
  return [...checks, ...listChecks(rules, measure, parse, show)];
}

/** Checks for `in` and `not_in`. */
export function listChecks<T>(
  rules: RuleReader,
  measure: (value: unknown) => T,
  parse: (value: OptionValue) => T,
  show: (value: T) => string,
): Check[] {
  const checks: Check[] = [];
  const allowed = rules.list('in')?.map(parse);
  if (allowed !== undefined) {
    const set = new Set(allowed);
    const text = `must be one of ${allowed.map(show).join(', ')}`;
    checks.push((value, violations) => {
      if (!set.has(measure(value))) violated(violations, rules.id('in'), text);
    });
  }
  const forbidden = rules.list('not_in')?.map(parse);
  if (forbidden !== undefined) {
    const set = new Set(forbidden);
    const text = `must not be one of ${forbidden.map(show).join(', ')}`;
    checks.push((value, violations) => {
      if (set.has(measure(value))) violated(violations, rules.id('not_in'), text);
    });
  }
  return checks;
}
