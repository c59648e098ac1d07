// PostgreSQL refuses to run as root: a root user's server runs as an unprivileged account that exists already.
// Where that account cannot reach the folder (below /root, say), `setpriv` lends it the right to pass, and nothing else of root.
import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { processEnvironment } from '../../config/process-environment.ts';

/** How a program of PostgreSQL is started. */
export interface RunAs {
  /** Account that owns the data. Undefined: the current one. */
  readonly uid?: number;
  readonly gid?: number;
  /** Words in front of the command line. */
  readonly prefix: readonly string[];
}

function account(name: string): { uid: number; gid: number } | undefined {
  try {
    const read = (flag: string): number =>
      Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
    return { uid: read('-u'), gid: read('-g') };
  } catch {
    return undefined;
  }
}

function mayPass(path: string, uid: number, gid: number): boolean {
  for (let folder = path; ; folder = dirname(folder)) {
    const entry = statSync(folder);
    const shift = entry.uid === uid ? 6 : entry.gid === gid ? 3 : 0;
    if (((entry.mode >> shift) & 1) === 0) return false;
    if (dirname(folder) === folder) return true;
  }
}

function hasSetpriv(): boolean {
  return (processEnvironment().PATH ?? '').split(':').some((folder) => existsSync(`${folder}/setpriv`));
}

/**
 * Decides for a cluster whose parent folder exists.
 *
 * @param cluster data folder of the server; an existing one keeps its owner
 * @param paths what the account has to reach: the programs and the cluster's parent folder
 * @throws Error for root without an account to use, or with one that cannot reach the paths
 */
export function runAs(cluster: string, paths: readonly string[]): RunAs {
  if (process.getuid?.() !== 0) return { prefix: [] };
  const owner = existsSync(cluster) ? statSync(cluster) : undefined;
  const chosen = owner !== undefined && owner.uid !== 0 ? owner : (account('postgres') ?? account('nobody'));
  if (chosen === undefined) {
    throw new Error(
      "PostgreSQL does not run as root and found neither a user 'postgres' nor 'nobody'; start as a user",
    );
  }
  const { uid, gid } = chosen;
  if (paths.every((path) => mayPass(path, uid, gid))) return { uid, gid, prefix: [] };
  if (!hasSetpriv()) {
    throw new Error(
      `PostgreSQL does not run as root, and user ${uid} cannot reach ${paths.join(' or ')}; ` +
        'use a folder outside of private ones, install setpriv (util-linux), or start as a normal user',
    );
  }
  const pass = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override'];
  return { uid, gid, prefix: ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', ...pass, '--'] };
}
