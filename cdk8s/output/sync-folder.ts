// Makes a folder hold exactly the given files, writing only what differs.
// Files that are no longer generated are removed, so a renamed service leaves nothing behind.
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Options of {@link syncFolder}. */
export interface SyncOptions {
  /** Only say what differs. @default false */
  readonly dryRun?: boolean;
  /** Remove files that are not among the given ones. @default true */
  readonly whole?: boolean;
}

/**
 * Brings a generated folder up to date.
 *
 * @returns paths below the folder that differed, sorted; with `dryRun` nothing is written
 */
export function syncFolder(
  folder: string,
  files: ReadonlyMap<string, string>,
  { dryRun = false, whole = true }: SyncOptions = {},
): string[] {
  const present =
    whole && existsSync(folder)
      ? globSync('**/*', { cwd: folder }).filter((path) => statSync(join(folder, path)).isFile())
      : [];
  const stale = present.map((path) => path.replaceAll('\\', '/')).filter((path) => !files.has(path));
  const changed = [...files].filter(([path, content]) => {
    const target = join(folder, path);
    return !existsSync(target) || readFileSync(target, 'utf8') !== content;
  });
  if (!dryRun) {
    for (const path of stale) rmSync(join(folder, path));
    for (const [path, content] of changed) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
  }
  return [...changed.map(([path]) => path), ...stale].sort();
}
