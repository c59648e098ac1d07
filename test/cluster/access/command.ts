// Runs a program and gives its output; a failure carries the command, its exit code and what it said.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The folder of the project. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));

/** The end of a long output says what went wrong. */
const mostSaid = 8000;

/** Options of {@link run}. */
export interface RunOptions {
  /** Text for standard input. @default - none */
  readonly input?: string;
  /** Variables beside this process's own. @default {} */
  readonly env?: Readonly<Record<string, string>>;
  /** @default 120 s */
  readonly timeoutMs?: number;
  /** Is told each line of the output as it comes. @default - nobody is */
  readonly line?: (line: string) => void;
  /** @default - where this process runs */
  readonly cwd?: string;
}

/** What a finished program left. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, whatever its exit code is. @throws Error when it cannot be started */
export function finish(program: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
      cwd: options.cwd,
      timeout: options.timeoutMs ?? 120_000,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    for (const stream of options.line === undefined ? [] : [child.stdout, child.stderr])
      createInterface(stream).on('line', options.line as (line: string) => void);
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
    child.once('error', (error) =>
      reject(new Error(`${program} cannot be started (${error.message}); is it on PATH?`)),
    );
    child.once('close', (code, signal) => resolve({ code: code ?? (signal ? 128 : 1), stdout, stderr }));
  });
}

/** Standard output of a program. @throws Error naming the command and what it said when its exit code is not 0 */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const done = await finish(program, args, options);
  if (done.code !== 0) {
    const said = (done.stderr || done.stdout).trim().slice(-mostSaid);
    throw new Error(`${program} ${args.join(' ')} ended with ${done.code}: ${said}`);
  }
  return done.stdout;
}
