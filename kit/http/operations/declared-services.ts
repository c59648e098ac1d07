// The services that this code base declares: every `services/<name>/manifest.ts`.
// Read at the first question, not at start: an edge that is never asked holds none of them.
import { globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ServiceManifest } from '../../manifest.ts';

const servicesFolder = fileURLToPath(new URL('../../../services', import.meta.url));

/** All manifests below a folder, by name of their service. */
export async function declaredServices(folder: string = servicesFolder): Promise<ServiceManifest[]> {
  const files = globSync('*/manifest.ts', { cwd: folder }).sort();
  const modules = await Promise.all(
    files.map(async (file) => {
      const url = pathToFileURL(join(folder, file)).href;
      const { default: manifest } = (await import(url)) as { readonly default: ServiceManifest };
      if (manifest.name !== dirname(file))
        throw new Error(`${file} declares '${manifest.name}'; name the folder so too`);
      return manifest;
    }),
  );
  return modules;
}
