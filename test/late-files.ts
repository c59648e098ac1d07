// Ends test files that outlive their time, so that a handle that somebody left open never hangs a run.
// node:test times tests, not processes: a file whose tests have all passed may still never end.
// What a killed file has started ends too: the end of its tests, which would have stopped that, never comes.
import type { TestsStream } from 'node:test';
import { childrenOf, descendantsOf, outlast } from './process-family.ts';

/** How long processes of a killed file may take to end by themselves: the platform drains meanwhile. */
const defaultGraceMs = 15_000;

/** Kills files. */
export interface FileKiller {
  /** Kills all files that still run. */
  killAll(): void;
  /** Resolves when nothing is left of what was killed so far. */
  gone(): Promise<void>;
}

/**
 * Kills the process of each file that still runs `limitMs` milliseconds after it began, and what it has started; node:test then
 * reports it as failed.
 */
export function killLateFiles(
  stream: TestsStream,
  files: ReadonlySet<string>,
  limitMs: number,
  graceMs = defaultGraceMs,
): FileKiller {
  const timers = new Map<string, NodeJS.Timeout>();
  const ending: Promise<void>[] = [];
  const kill = (name: string): void => {
    const pids = childrenOf(process.pid).flatMap(({ pid, command }) => (command.endsWith(name) ? [pid] : []));
    const started = descendantsOf(pids);
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    ending.push(outlast(started, graceMs));
  };
  stream.on('test:dequeue', ({ name, nesting }) => {
    if (nesting !== 0 || !files.has(name)) return;
    timers.set(
      name,
      setTimeout(() => {
        process.stderr.write(`  ${name} still runs after ${limitMs / 1000} s: killed\n`);
        kill(name);
      }, limitMs),
    );
  });
  stream.on('test:complete', ({ name, nesting }) => {
    if (nesting !== 0) return;
    clearTimeout(timers.get(name));
    timers.delete(name);
  });
  return {
    killAll: () => {
      for (const name of timers.keys()) kill(name);
    },
    gone: async () => void (await Promise.all(ending)),
  };
}
