// The data folder: databases, secrets, logs and mail of one platform, owned by one launcher at a time.
// Sockets live elsewhere, in a short private folder: the path of a unix socket holds about a hundred bytes only.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { FolderInUseError, type FolderLock, lockFolder } from '#kit/database/embedded/folder-lock.ts';
import { UsageError } from '../options.ts';

/** An opened data folder. */
export interface DataFolder {
  readonly path: string;
  readonly postgres: string;
  /** Certificates and the control socket of the mesh. */
  readonly mesh: string;
  readonly logs: string;
  readonly mail: string;
  readonly cache: string;
  /** Private folder for sockets, outside of the data folder; new at each start. */
  readonly run: string;
  /** True when there was nothing in it. */
  readonly isNew: boolean;
  /** A password that is made at its first use and kept. */
  secret(name: string): string;
  /** Notes the gateway's address for whoever starts a second time. */
  announce(gateway: string): void;
  close(): void;
}

/** What is removed by `--fresh`: only what a launcher made. */
const contents = ['postgres', 'mesh', 'logs', 'mail', 'cache', 'secrets.json', 'run.json'];
const runPrefix = 'fairlead-run-';

interface RunNote {
  readonly run?: string;
  readonly gateway?: string;
}

function readJson<T extends object>(path: string, otherwise: T): T {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return otherwise;
  }
}

/** Names of what `--fresh` would remove. */
export function freshRemoves(path: string): readonly string[] {
  return contents.filter((name) => existsSync(join(path, name)));
}

/**
 * Opens the folder, making it when it is missing.
 *
 * @param fresh removes what earlier starts left in it
 * @throws UsageError when another launcher works with it, or it cannot be made
 */
export function openDataFolder(path: string, fresh: boolean): DataFolder {
  try {
    mkdirSync(path, { recursive: true, mode: 0o755 });
  } catch (error) {
    throw new UsageError(
      `the data folder ${path} cannot be made: ${(error as Error).message}; choose another with --data`,
    );
  }
  const note = join(path, 'run.json');
  let lock: FolderLock;
  try {
    lock = lockFolder(join(path, 'lock'));
  } catch (error) {
    if (!(error instanceof FolderInUseError)) throw error;
    const { gateway } = readJson<RunNote>(note, {});
    const where = gateway === undefined ? '' : `; its gateway is ${gateway}`;
    throw new UsageError(
      `Fairlead runs already with the data in ${path} (process ${error.pid}${where}).\n` +
        'Stop that one with Ctrl-C, or start another beside it: npm start -- --data OTHER-FOLDER',
    );
  }
  removeRun(readJson<RunNote>(note, {}).run);
  if (fresh) for (const name of freshRemoves(path)) rmSync(join(path, name), { recursive: true, force: true });
  const isNew = !existsSync(join(path, 'postgres'));
  const folder = (name: string): string => {
    const full = join(path, name);
    mkdirSync(full, { recursive: true });
    return full;
  };
  // Real: on macOS the temporary folder is behind a link, which Envoy-style paths and comparisons do not like.
  const run = mkdtempSync(join(realpathSync(tmpdir()), runPrefix));
  writeFileSync(note, JSON.stringify({ run }));
  const secretsFile = join(path, 'secrets.json');
  const secrets = readJson<Record<string, string>>(secretsFile, {});
  return {
    path,
    postgres: join(path, 'postgres'),
    mesh: join(path, 'mesh'),
    logs: folder('logs'),
    mail: folder('mail'),
    cache: folder('cache'),
    run,
    isNew,
    secret(name) {
      const known = secrets[name];
      if (known !== undefined) return known;
      const made = randomBytes(18).toString('base64url');
      secrets[name] = made;
      writeFileSync(secretsFile, JSON.stringify(secrets, null, 2), { mode: 0o600 });
      return made;
    },
    announce: (gateway) => writeFileSync(note, JSON.stringify({ run, gateway })),
    close() {
      removeRun(run);
      rmSync(note, { force: true });
      lock.release();
    },
  };
}

function removeRun(run: string | undefined): void {
  if (run !== undefined && basename(run).startsWith(runPrefix)) rmSync(run, { recursive: true, force: true });
}
