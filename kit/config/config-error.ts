// What stops a process whose environment is not complete: every variable that is missing or wrong, at once.
// A secret's value never stands in the text, only its name and what was expected.

/** One variable that is missing or has a value that was not accepted. */
export interface ConfigProblem {
  /** Name of the environment variable. */
  readonly name: string;
  /** What is wrong and what was expected, with an example. */
  readonly text: string;
}

/** Thrown by `readConfig`; its message lists every problem. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ name, text }) => `  ${name} ${text}`);
    super(`the environment is not complete:\n${lines.join('\n')}`);
    this.problems = problems;
  }
}
