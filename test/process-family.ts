// A process and what it started: ending one must not leave the others.
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { processIdentity } from '../kit/database/embedded/process-identity.ts';

/** A process, told from a later one with the same id. */
export interface Member {
  readonly pid: number;
  readonly identity: string;
}

/** A process as its parent started it. */
export interface Child {
  readonly pid: number;
  readonly parent: number;
  /** Its command line. */
  readonly command: string;
}

/** All processes of the machine. */
function allProcesses(): Child[] {
  const list = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
  return list.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s(.*)$/.exec(line);
    return match === null ? [] : [{ pid: Number(match[1]), parent: Number(match[2]), command: match[3]?.trim() ?? '' }];
  });
}

/** What a process started itself and still runs. */
export function childrenOf(pid: number | undefined): Child[] {
  return allProcesses().filter(({ parent }) => parent === pid);
}

/** All that these processes started, and what those started, as far as parents still run; without themselves. */
export function descendantsOf(pids: readonly number[]): Member[] {
  const all = allProcesses();
  const found: Member[] = [];
  const looked = [...pids];
  for (const parent of looked) {
    for (const { pid } of all.filter((one) => one.parent === parent)) {
      const identity = processIdentity(pid);
      if (identity === undefined || looked.includes(pid)) continue;
      looked.push(pid);
      found.push({ pid, identity });
    }
  }
  return found;
}

/** Kills the processes that still run. */
export function killAll(members: readonly Member[]): void {
  for (const { pid, identity } of members) {
    if (processIdentity(pid) !== identity) continue;
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended meanwhile.
    }
  }
}

/**
 * Resolves when none of the processes runs any more. Those that notice that their parent is gone end in order, a database for
 * example; whoever still runs after `graceMs` milliseconds is killed, with what it has started meanwhile.
 */
export async function outlast(members: readonly Member[], graceMs: number): Promise<void> {
  const left = (): Member[] => members.filter(({ pid, identity }) => processIdentity(pid) === identity);
  const until = performance.now() + graceMs;
  while (left().length > 0 && performance.now() < until) await sleep(50);
  const late = left();
  killAll([...late, ...descendantsOf(late.map(({ pid }) => pid))]);
}
