// The form of a command: a name, its help, and what it does with its words. Mistakes are told as usage errors.

import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { Output } from './output.ts';

export class UsageError extends Error {
  override name = 'UsageError';
}

export type Words = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  readonly help: string;
  readonly options: NonNullable<ParseArgsConfig['options']>;
  run(positionals: readonly string[], options: Words, output: Output): Promise<number>;
}

export const COMMON_OPTIONS = {
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies ParseArgsConfig['options'];

export function textOption(options: Words, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

export function requiredText(options: Words, name: string): string {
  const value = textOption(options, name);
  if (value === undefined) throw new UsageError(`--${name} is missing`);
  return value;
}

export function textList(options: Words, name: string): readonly string[] {
  const value = options[name];
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

export function parseWords(
  command: Command,
  words: readonly string[],
): { positionals: readonly string[]; options: Words } {
  try {
    const { positionals, values } = parseArgs({
      args: [...words],
      options: { ...COMMON_OPTIONS, ...command.options },
      allowPositionals: true,
    });
    return { positionals, options: values as Words };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** Splits `name=value`. */
export function pair(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`${JSON.stringify(text)} must have the form name=value`);
  return [text.slice(0, at), text.slice(at + 1)];
}
