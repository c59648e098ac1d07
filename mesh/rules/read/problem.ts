// What reading the manifests can say: problems (a bad rule, which is refused) and coverage (what each field does here).
// Nothing is dropped in silence: every field that is present ends up in one of the two.

import type { SourcePosition } from './source-position.ts';

export interface Problem extends SourcePosition {
  /** `error` refuses the whole set; `warning` is a rule that is valid and probably not what was meant. */
  readonly severity: 'error' | 'warning';
  /** `VirtualService fairlead/payment`, or the file alone when the text does not parse. */
  readonly object: string;
  readonly message: string;
}

export type CoverageStatus = 'applied' | 'approximated' | 'not applied';

export interface Coverage extends SourcePosition {
  readonly object: string;
  readonly status: CoverageStatus;
  /** Why it is approximated or not applied here; absent when it is applied as Istio documents it. */
  readonly why?: string;
}

export function formatProblem(problem: Problem): string {
  return `${problem.file}:${problem.line}: ${problem.severity}: ${problem.object}: ${problem.field}: ${problem.message}`;
}

/** Thrown where a caller asked for rules and the manifests are not valid. The message names file, line and field. */
export class InvalidRulesError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(`The manifests are not valid:\n${problems.map((problem) => `  ${formatProblem(problem)}`).join('\n')}`);
    this.name = 'InvalidRulesError';
    this.problems = problems;
  }
}
