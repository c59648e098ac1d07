// What synth refuses, and how it says so: file, service, field, what is wrong and what would mend it.
// All problems are collected before any is thrown, so that one run shows them all.

/** One reason to refuse. */
export interface Problem {
  /** File in which the wrong thing was written. */
  readonly file: string;
  readonly service: string;
  /** Path of the field: `methods.Charge.retries`. */
  readonly field: string;
  /** What is wrong, and what would mend it. */
  readonly message: string;
}

/** Synth refuses: see {@link SynthError.problems}. */
export class SynthError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const lines = problems.map(
      (problem) => `  ${problem.file}: ${problem.service}: ${problem.field}: ${problem.message}`,
    );
    super(
      `nothing was written, ${problems.length === 1 ? 'for one reason' : `for ${problems.length} reasons`}:\n${lines.join('\n')}`,
    );
    this.name = 'SynthError';
    this.problems = problems;
  }
}
