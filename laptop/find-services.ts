// Which services there are: every folder of `services/` that holds a manifest, once for each of its versions.
// Nothing is listed by hand: a new service is started because it is there.
import { existsSync, globSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ServiceManifest } from '#kit/manifest.ts';
import { UsageError } from './options.ts';

/** One process to run. */
export interface Instance {
  /** `payment-v2` */
  readonly name: string;
  readonly service: string;
  readonly version: string;
  readonly manifest: ServiceManifest;
}

/** What was found. */
export interface FoundServices {
  readonly instances: readonly Instance[];
  /** Folders with a manifest and without handlers: they cannot run. */
  readonly incomplete: readonly string[];
}

const root = fileURLToPath(new URL('../services', import.meta.url));

/**
 * Reads the manifests.
 *
 * @param only names of services; empty: all
 * @throws UsageError when one of the names is not there
 */
export async function findServices(only: readonly string[]): Promise<FoundServices> {
  const folders = globSync('*/manifest.ts', { cwd: root })
    .map((path) => dirname(path))
    .sort();
  const unknown = only.filter((name) => !folders.includes(name));
  if (unknown.length > 0) {
    throw new UsageError(`there is no service '${unknown.join("', '")}'; there are ${folders.join(', ')}`);
  }
  const chosen = folders.filter((folder) => only.length === 0 || only.includes(folder));
  const complete = chosen.filter((folder) => existsSync(join(root, folder, 'service.ts')));
  const perService = await Promise.all(
    complete.map(async (folder): Promise<Instance[]> => {
      const url = pathToFileURL(join(root, folder, 'manifest.ts')).href;
      const { default: manifest } = (await import(url)) as { readonly default: ServiceManifest };
      const service = basename(folder);
      return (manifest.versions ?? ['v1']).map((version) => ({
        name: `${service}-${version}`,
        service,
        version,
        manifest,
      }));
    }),
  );
  return { instances: perService.flat(), incomplete: chosen.filter((folder) => !complete.includes(folder)) };
}
