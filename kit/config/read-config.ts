// Reads and checks environment variables in one place, at start: a process with a bad environment never begins to serve.
// An empty value counts as not set, because that is what shells and chart values make of "nothing".
import { type Duration, milliseconds } from '../duration.ts';
import { ConfigError, type ConfigProblem } from './config-error.ts';
import type { Values, Variable, Variables } from './variable.ts';

/** Environment variables, `process.env` or a test's own. */
export type Environment = Readonly<Record<string, string | undefined>>;

const words: Readonly<Record<string, boolean>> = { true: true, false: false, '1': true, '0': false };

/**
 * Values of the declared variables.
 *
 * @throws ConfigError that names every missing or bad variable, what was expected, and an example
 */
export function readConfig<const V extends Variables>(variables: V, env: Environment): Values<V> {
  const problems: ConfigProblem[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, variable] of Object.entries(variables)) {
    const text = env[name];
    if (text === undefined || text === '') {
      if (variable.default === undefined) problems.push({ name, text: `is missing: ${explain(variable)}` });
      values[name] = variable.default;
      continue;
    }
    const value = parse(variable, text);
    if (value === undefined) {
      const shown = variable.secret === true ? 'has a value that is not accepted' : `is ${quote(text)}`;
      problems.push({ name, text: `${shown}: ${explain(variable)}` });
    }
    values[name] = value;
  }
  if (problems.length > 0) throw new ConfigError(problems);
  // Each value was parsed by its declaration's kind, which is what ties it to the declaration's type.
  return values as Values<V>;
}

/** The value, or undefined when the text is not one. */
function parse(variable: Variable, text: string): unknown {
  switch (variable.kind) {
    case 'string':
      return text;
    case 'integer': {
      const number = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
      const inRange = number >= (variable.min ?? -Infinity) && number <= (variable.max ?? Infinity);
      return Number.isSafeInteger(number) && inRange ? number : undefined;
    }
    case 'boolean':
      return Object.hasOwn(words, text.toLowerCase()) ? words[text.toLowerCase()] : undefined;
    case 'duration':
      return isDuration(text) ? text : undefined;
    case 'url':
      return URL.canParse(text) ? text : undefined;
    case 'choice':
      return variable.choices?.includes(text) ? text : undefined;
  }
}

function isDuration(text: string): text is Duration {
  try {
    return milliseconds(text as Duration) >= 0;
  } catch {
    return false;
  }
}

/** What the variable is for, what it takes, and an example. */
function explain(variable: Variable): string {
  return `${variable.description.replace(/\.$/, '')}; expected ${expected(variable)}, for example ${variable.example}`;
}

function expected(variable: Variable): string {
  const { min, max } = variable;
  switch (variable.kind) {
    case 'string':
      return 'text';
    case 'integer':
      if (min !== undefined && max !== undefined) return `a whole number from ${min} to ${max}`;
      if (min !== undefined) return `a whole number of at least ${min}`;
      return max === undefined ? 'a whole number' : `a whole number of at most ${max}`;
    case 'boolean':
      return 'true or false';
    case 'duration':
      return 'a number with a unit (ms, s, m, h)';
    case 'url':
      return 'a URL';
    case 'choice':
      return `one of ${variable.choices?.join(', ') ?? ''}`;
  }
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text);
}
