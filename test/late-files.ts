// Ends test files that outlive their time, so that a handle that somebody left open never hangs a run.
// node:test times tests, not processes: a file whose tests have all passed may still never end.
import { execFileSync } from 'node:child_process';
import type { TestsStream } from 'node:test';

/** Kills the process of each file that still runs `limitMs` milliseconds after it began; node:test then reports it as failed. */
export function killLateFiles(stream: TestsStream, files: ReadonlySet<string>, limitMs: number): void {
  const timers = new Map<string, NodeJS.Timeout>();
  stream.on('test:dequeue', ({ name, nesting }) => {
    if (nesting !== 0 || !files.has(name)) return;
    timers.set(
      name,
      setTimeout(() => {
        process.stderr.write(`  ${name} still runs after ${limitMs / 1000} s: killed\n`);
        for (const pid of processesOf(name)) process.kill(pid, 'SIGKILL');
      }, limitMs),
    );
  });
  stream.on('test:complete', ({ name, nesting }) => {
    if (nesting === 0) clearTimeout(timers.get(name));
  });
}

/** The children of this process that run a file. */
function processesOf(file: string): number[] {
  const list = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
  return list.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s(.*)$/.exec(line);
    return match !== null && Number(match[2]) === process.pid && match[3]?.endsWith(file) ? [Number(match[1])] : [];
  });
}
