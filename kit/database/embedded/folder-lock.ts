// One owner a folder: a lock file that names the process which holds it.
// A lock whose process is gone (kill -9, power cut) is taken over; process ids that were given out again do not fool it.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { processIdentity } from './process-identity.ts';

interface Holder {
  readonly pid: number;
  readonly identity: string;
}

/** A held lock. */
export interface FolderLock {
  release(): void;
}

/** Thrown when a living process holds the lock. */
export class FolderInUseError extends Error {
  override readonly name = 'FolderInUseError';
  /** Process that holds it. */
  readonly pid: number;
  constructor(path: string, pid: number) {
    super(`${path} is held by process ${pid}, which is running`);
    this.pid = pid;
  }
}

function holderOf(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Takes the lock file at `path`.
 *
 * @throws FolderInUseError when a living process holds it
 */
export function lockFolder(path: string): FolderLock {
  const own = `${path}.${process.pid}`;
  const me: Holder = { pid: process.pid, identity: processIdentity(process.pid) ?? '' };
  writeFileSync(own, JSON.stringify(me), { mode: 0o600 });
  try {
    for (let attempt = 0; ; attempt++) {
      try {
        // A hard link appears whole or not at all: nobody reads a lock file that is still empty.
        linkSync(own, path);
        return { release: () => holderOf(path)?.pid === process.pid && rmSync(path, { force: true }) };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt > 10) throw error;
      }
      const holder = holderOf(path);
      if (holder !== undefined && processIdentity(holder.pid) === holder.identity) {
        throw new FolderInUseError(path, holder.pid);
      }
      try {
        renameSync(path, `${own}.stale`);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
      rmSync(`${own}.stale`, { force: true });
    }
  } finally {
    rmSync(own, { force: true });
  }
}
