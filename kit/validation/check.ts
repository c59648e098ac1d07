// What rules compile to: a function that appends what is wrong with a value. Nothing is allocated for a value that is right.
// Paths are relative while they are collected; the one who looks inside of a value puts the value's own place in front.
import type { FieldViolation } from '../errors/rpc-error.ts';

/** Violations being collected. */
export type Violations = FieldViolation[];

/** Appends what is wrong with a value. */
export type Check = (value: unknown, violations: Violations) => void;

/** Appends one violation of the value itself. */
export function violated(violations: Violations, reason: string, description: string): void {
  violations.push({ field: '', description, reason });
}

/** Puts `place` in front of the paths of all violations from index `from` on. */
export function locate(violations: Violations, from: number, place: string): void {
  for (let index = from; index < violations.length; index++) {
    const violation = violations[index];
    if (violation === undefined) continue;
    const { field } = violation;
    violations[index] = {
      ...violation,
      field: field === '' || field.startsWith('[') ? place + field : `${place}.${field}`,
    };
  }
}

/** A check that holds when all of them do. */
export function all(checks: readonly Check[]): Check | undefined {
  const [first, second] = checks;
  if (second === undefined) return first;
  return (value, violations) => {
    for (const check of checks) check(value, violations);
  };
}

/** A rule that the kit cannot evaluate. Servers and synth refuse contracts with one: a rule is never passed over. */
export class UnsupportedRuleError extends Error {
  override readonly name = 'UnsupportedRuleError';
}
