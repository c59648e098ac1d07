// Declarations of environment variables: name, type, default and example stand in the service's manifest.
// Declaring is apart from reading so that cdk8s can set the same variables without starting anything.
import type { Duration } from '../duration.ts';

/** What kind of text a variable takes. */
export type VariableKind = 'string' | 'integer' | 'boolean' | 'duration' | 'url' | 'choice';

/** One environment variable of a service. `T` is the type of its value after it was read. */
export interface Variable<T = unknown> {
  readonly kind: VariableKind;
  /** What the variable is for, in one sentence. */
  readonly description: string;
  /** A value that would be accepted, shown when the variable is missing or wrong. */
  readonly example: string;
  /** @default - the variable must be set */
  readonly default?: T;
  /** A secret's value is never printed, and comes from a Kubernetes Secret. @default false */
  readonly secret?: boolean;
  /** Smallest accepted integer. @default - no lower bound */
  readonly min?: number;
  /** Largest accepted integer. @default - no upper bound */
  readonly max?: number;
  /** Accepted words of a choice. @default - none */
  readonly choices?: readonly string[];
}

/** The variables of a service by name (`SMTP_URL`). */
export type Variables = Readonly<Record<string, Variable>>;

/** The values of variables after they were read and checked. */
export type Values<V extends Variables> = {
  readonly [K in keyof V]: V[K] extends Variable<infer T> ? T : never;
};

type Options<T> = Omit<Variable<T>, 'kind' | 'choices'>;

/** Declares variables, one function a type. */
export const variable = {
  string: (options: Options<string>): Variable<string> => ({ kind: 'string', ...options }),
  integer: (options: Options<number>): Variable<number> => ({ kind: 'integer', ...options }),
  boolean: (options: Options<boolean>): Variable<boolean> => ({ kind: 'boolean', ...options }),
  duration: (options: Options<Duration>): Variable<Duration> => ({ kind: 'duration', ...options }),
  url: (options: Options<string>): Variable<string> => ({ kind: 'url', ...options }),
  choice: <const C extends string>(choices: readonly C[], options: Options<C>): Variable<C> => ({
    kind: 'choice',
    choices,
    ...options,
  }),
};
