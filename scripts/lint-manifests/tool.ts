// Running a linter that may not be here: found on PATH, or said to be missing with the way to get it.
// Nothing is skipped in silence: what was not checked is part of the last line.
import { spawnSync } from 'node:child_process';

/** What came of one linter. */
export interface Verdict {
  readonly tool: string;
  /** Lines that say what is wrong; none: clean. Undefined: the tool is not here. */
  readonly errors?: readonly string[];
  /** What was checked, or how the tool can be had. */
  readonly note: string;
}

/** Runs a program to its end; undefined when it is not on PATH. */
export function run(
  command: string,
  args: readonly string[],
  options: { readonly input?: string; readonly cwd?: string } = {},
): { readonly status: number; readonly stdout: string; readonly stderr: string } | undefined {
  const result = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 256 << 20, ...options });
  if (result.error !== undefined && 'code' in result.error && result.error.code === 'ENOENT') return undefined;
  if (result.error !== undefined) throw result.error;
  return { status: result.status ?? 1, stdout: result.stdout, stderr: result.stderr };
}

/** Lines of a text that are not empty. */
export function lines(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}
