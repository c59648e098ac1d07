// Runs a program and gives its output; a failure carries the command, its exit code and what it said.
import { spawn } from 'node:child_process';

/** Options of {@link run}. */
export interface RunOptions {
  /** Text for standard input. @default - none */
  readonly input?: string;
  /** Variables beside this process's own. @default {} */
  readonly env?: Readonly<Record<string, string>>;
  /** @default 120 s */
  readonly timeoutMs?: number;
  /** Shows output as it comes. @default false */
  readonly show?: boolean;
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
      timeout: options.timeoutMs ?? 120_000,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (options.show) process.stdout.write(text);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      if (options.show) process.stderr.write(text);
    });
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
    throw new Error(`${program} ${args.join(' ')} ended with ${done.code}: ${(done.stderr || done.stdout).trim()}`);
  }
  return done.stdout;
}
