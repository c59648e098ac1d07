// Rules about google.protobuf.Duration, Timestamp, FieldMask and Any.
// Durations are compared in milliseconds as numbers: finer than that no rule of ours says.
import { timeOfDay } from '../../clock/timers.ts';
import type { OptionFields, OptionValue } from '../../contract/options.ts';
import { type Check, violated } from '../check.ts';
import { listChecks, orderedChecks } from './ordered-rules.ts';
import type { RuleReader } from './rule-reader.ts';

function secondsAndNanos(value: OptionValue | undefined): number {
  const { seconds = 0, nanos = 0 } = (value ?? {}) as OptionFields;
  return Number(seconds) * 1000 + Number(nanos) / 1e6;
}

/** Checks of a duration. */
export function durationChecks(rules: RuleReader): Check[] {
  return orderedChecks(rules, {
    measure: (value) => {
      const { seconds, nanos } = value as { readonly seconds: number; readonly nanos: number };
      return seconds * 1000 + nanos / 1e6;
    },
    parse: secondsAndNanos,
    show: (ms) => `${ms / 1000} s`,
  });
}

/** Checks of a time. */
export function timestampChecks(rules: RuleReader): Check[] {
  const checks = orderedChecks(rules, {
    measure: (value) => (value as Date).getTime(),
    parse: secondsAndNanos,
    show: (ms) => new Date(ms).toISOString(),
  });
  if (rules.flag('lt_now')) {
    checks.push((value, violations) => {
      if ((value as Date).getTime() >= timeOfDay()) violated(violations, rules.id('lt_now'), 'must be in the past');
    });
  }
  if (rules.flag('gt_now')) {
    checks.push((value, violations) => {
      if ((value as Date).getTime() <= timeOfDay()) violated(violations, rules.id('gt_now'), 'must be in the future');
    });
  }
  const within = rules.fields('within');
  if (within !== undefined) {
    const distance = secondsAndNanos(within);
    checks.push((value, violations) => {
      if (Math.abs((value as Date).getTime() - timeOfDay()) > distance) {
        violated(violations, rules.id('within'), `must be within ${distance / 1000} s of now`);
      }
    });
  }
  return checks;
}

function covers(paths: readonly string[], path: string): boolean {
  return paths.some((allowed) => path === allowed || path.startsWith(`${allowed}.`));
}

/** Checks of a field mask. */
export function fieldMaskChecks(rules: RuleReader): Check[] {
  const allowed = rules.list('in')?.map(String);
  const forbidden = rules.list('not_in')?.map(String);
  const paths = (value: unknown): readonly string[] => (value as { readonly paths: readonly string[] }).paths;
  const checks: Check[] = [];
  if (allowed !== undefined) {
    const text = `must hold only ${allowed.join(', ')}`;
    checks.push((value, violations) => {
      if (!paths(value).every((path) => covers(allowed, path))) violated(violations, rules.id('in'), text);
    });
  }
  if (forbidden !== undefined) {
    const text = `must not hold ${forbidden.join(', ')}`;
    checks.push((value, violations) => {
      if (paths(value).some((path) => covers(forbidden, path))) violated(violations, rules.id('not_in'), text);
    });
  }
  return checks;
}

/** Checks of an Any. */
export function anyChecks(rules: RuleReader): Check[] {
  const url = (value: unknown): string => (value as { readonly typeUrl: string }).typeUrl;
  return listChecks(rules, url, String, (text) => `'${text}'`);
}
