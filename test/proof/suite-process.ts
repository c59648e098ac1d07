// The process of a suite. It ends with the run: a signal is passed on, and of a run that was ended nothing stays behind.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';

/** How a suite's program ended. */
export interface SuiteEnd {
  readonly code: number;
  /** What it wrote to stdout. */
  readonly output: string;
  /** Exit code of a run that was told to end meanwhile. @default - nobody told it */
  readonly interrupted?: number;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs Node with these words, shows what it prints, and resolves when it has ended. A signal that comes meanwhile is passed
 * on once; at the second one, all processes of the suite are killed.
 */
export async function runSuite(
  words: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<SuiteEnd> {
  // A group of its own: Ctrl-C in a terminal comes from here alone, and whoever is left of the group can be found.
  const child = spawn(process.execPath, words, { ...options, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    process.stdout.write(text);
    output += text;
  });
  let interrupted: number | undefined;
  const killGroup = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // Nobody is left.
    }
  };
  const pass = (signal: NodeJS.Signals): void => {
    if (interrupted !== undefined) killGroup();
    else child.kill(signal);
    interrupted ??= 128 + constants.signals[signal];
  };
  for (const signal of signals) process.on(signal, pass);
  const closed = once(child, 'close');
  const [code] = (await once(child, 'exit')) as [number | null];
  if (interrupted !== undefined) killGroup();
  await closed;
  for (const signal of signals) process.off(signal, pass);
  return { code: code ?? 1, output, ...(interrupted !== undefined && { interrupted }) };
}
