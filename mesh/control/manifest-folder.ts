// Reads the manifests of a folder, and tells when one changes.
// Editors and generators write several files at once: a change is told once the folder has been quiet for a moment.

import { type FSWatcher, watch } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ManifestFile } from '../rules/index.ts';

const MANIFEST = /\.(ya?ml|json)$/;

/** @param sources - folders (searched through) and files. Names in problems are relative to the working directory. */
export async function readManifestFiles(sources: readonly string[]): Promise<readonly ManifestFile[]> {
  const paths = new Set<string>();
  for (const source of sources) {
    const info = await stat(source).catch(() => undefined);
    if (info === undefined)
      throw new Error(`There are no manifests at ${source}. Run "npm run synth", or name a folder with --manifests.`);
    if (info.isFile()) paths.add(source);
    else
      for (const entry of await readdir(source, { recursive: true, withFileTypes: true }))
        if (entry.isFile() && MANIFEST.test(entry.name)) paths.add(join(entry.parentPath, entry.name));
  }
  return Promise.all(
    [...paths].sort().map(async (path) => {
      const shown = relative(process.cwd(), path);
      return { file: shown.startsWith('..') ? path : shown, text: await readSettled(path) };
    }),
  );
}

/** A file that is just being written may be cut off, or empty for a moment: half of the rules would be other rules. */
const SETTLED_MS = 40;
/** An empty file is suspicious for longer: writers empty a file before they fill it. */
const EMPTY_MS = 400;
const LONGEST_WAIT_MS = 3000;

async function readSettled(path: string): Promise<string> {
  for (const start = Date.now(); ; await sleep(SETTLED_MS / 4)) {
    const before = await stat(path);
    const text = await readFile(path, 'utf8');
    const after = await stat(path);
    const age = Date.now() - after.mtimeMs;
    const whole =
      before.mtimeMs === after.mtimeMs && before.size === after.size && Buffer.byteLength(text) === after.size;
    // A time in the future, from another clock, cannot be waited for.
    if (
      (whole && (age < 0 || age >= (text.trim() === '' ? EMPTY_MS : SETTLED_MS))) ||
      Date.now() - start > LONGEST_WAIT_MS
    )
      return text;
  }
}

const QUIET_MS = 75;

/** Calls `changed` after each burst of changes below the sources; the answer stops it. */
export function watchManifests(sources: readonly string[], changed: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const later = (): void => {
    clearTimeout(timer);
    timer = setTimeout(changed, QUIET_MS);
    timer.unref();
  };
  const watchers: FSWatcher[] = sources.map((source) => watch(source, { recursive: true, persistent: false }, later));
  // A folder that is removed ends its watch: the last good rules stay.
  for (const watcher of watchers) watcher.on('error', () => watcher.close());
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}
